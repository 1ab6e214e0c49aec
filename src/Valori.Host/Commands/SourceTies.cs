using Valori.Host.Files;

namespace Valori.Host.Commands;

/// <summary>
/// Hits that are exactly as far from their query as the farthest true neighbour, by the distances of the source file. The hits
/// in question are collected first, so that the file is read once, forward.
/// </summary>
internal sealed class SourceTies
{
    private const int ReadRows = 1024;

    private readonly string _path;
    private readonly int _dimension;
    private readonly List<Question> _questions = [];
    private readonly List<(ulong Row, int Question, int Slot)> _needed = [];

    /// <param name="dimension">Of the queries.</param>
    /// <exception cref="VectorFileException">Not readable, or of another dimension.</exception>
    public SourceTies(string path, int dimension)
    {
        using VectorFile file = VectorFile.Open(path);
        if (file.Dimension != dimension)
            throw new VectorFileException($"{path} has {file.Dimension} components a row, the queries have {dimension}: is it the file that was imported?");
        _path = path;
        _dimension = dimension;
    }

    /// <summary>Remembers hits that are not among the true nearest of their query.</summary>
    public void Add(long query, ReadOnlyMemory<float> vector, ulong farthest, ulong[] hits)
    {
        _needed.Add((farthest, _questions.Count, 0));
        for (int i = 0; i < hits.Length; i++) _needed.Add((hits[i], _questions.Count, i + 1));
        _questions.Add(new Question(query, vector, new double[hits.Length + 1]));
    }

    /// <summary>Reads the file and counts the hits that tie.</summary>
    /// <exception cref="VectorFileException">Not readable, or without a row of one of the ids.</exception>
    public long Count(Metric metric)
    {
        _needed.Sort();
        using VectorFile file = VectorFile.Open(_path);
        int next = 0;
        while (next < _needed.Count && file.ReadBatch(ReadRows) is { } rows)
        {
            for (; next < _needed.Count && _needed[next].Row < (ulong)(rows.FirstRow + rows.Count); next++)
            {
                (ulong row, int question, int slot) = _needed[next];
                _questions[question].Distances[slot] = Cost(metric, _questions[question].Vector.Span, rows.Row((int)((long)row - rows.FirstRow)).Span);
            }
        }
        if (next < _needed.Count)
        {
            (ulong row, int question, int slot) = _needed[next];
            string what = slot == 0 ? "the ground truth names" : "the search found";
            throw new VectorFileException(
                $"{_path} has {file.RowsRead} rows, but {what} id {row} for query {_questions[question].Query}: it is not the file that the collection was imported from");
        }
        return _questions.Sum(question => (long)question.Distances.AsSpan(1).Count(question.Distances[0]));
    }

    /// <summary>The squared distance, or the negated cosine times the query's length, or the negated inner product.</summary>
    private double Cost(Metric metric, ReadOnlySpan<float> query, ReadOnlySpan<float> row)
    {
        double distance = 0, product = 0, norm = 0;
        for (int i = 0; i < _dimension; i++)
        {
            double difference = (double)query[i] - row[i];
            distance += difference * difference;
            product += (double)query[i] * row[i];
            norm += (double)row[i] * row[i];
        }
        return metric switch
        {
            Metric.Cosine => -product / Math.Sqrt(norm),
            Metric.Dot => -product,
            _ => distance,
        };
    }

    /// <param name="Distances">The cost of the farthest true neighbour, then those of the hits.</param>
    private sealed record Question(long Query, ReadOnlyMemory<float> Vector, double[] Distances);
}
