using System.Globalization;
using Valori.Host.Files;

namespace Valori.Host.Commands;

/// <summary>
/// Counts how many of the true nearest neighbours a search finds. A hit counts if its id is among the first k ids of the
/// ground truth. If the file that the collection was imported from is given, a hit counts too that is exactly as far from the
/// query as the k-th true one, by the distances between the file's own vectors: there the ground truth's choice of ids is as
/// good as any. A tie between stored vectors counts for nothing, as rounding may have made it.
/// </summary>
internal sealed class Recall
{
    private readonly string _truthPath;
    private readonly int[][] _truth;
    private readonly int _k;
    private readonly SourceTies? _ties;
    private long _known, _wanted;

    private Recall(string truthPath, int[][] truth, int k, SourceTies? ties)
    {
        _truthPath = truthPath;
        _truth = truth;
        _k = k;
        _ties = ties;
    }

    /// <param name="sourcePath">The file that the collection was imported from, row i as record i; null: ties are not counted.</param>
    /// <param name="dimension">Of the queries.</param>
    /// <exception cref="VectorFileException">A file cannot be read, has another dimension, or has fewer than k ids in a row.</exception>
    public static Recall Open(string truthPath, string? sourcePath, int dimension, int k)
    {
        int[][] truth = IvecsFile.ReadAll(truthPath);
        for (int row = 0; row < truth.Length; row++)
        {
            if (truth[row].Length < k)
                throw new VectorFileException($"{truthPath}: row {row} has {truth[row].Length} ids, fewer than --k {k}: use a smaller --k, or a longer ground truth");
        }
        return new Recall(truthPath, truth, k, sourcePath is null ? null : new SourceTies(sourcePath, dimension));
    }

    /// <summary>Of the collection: ties are counted by it.</summary>
    public Metric Metric { get; set; }

    /// <summary>Takes the hits of one query.</summary>
    /// <exception cref="VectorFileException">The ground truth has no such query.</exception>
    public void Add(long query, ReadOnlyMemory<float> vector, IReadOnlyList<SearchHit> hits)
    {
        if (query >= _truth.Length) throw new VectorFileException($"{_truthPath} has {_truth.Length} rows, none for query {query}: is it the ground truth of these queries?");
        int[] nearest = _truth[query][.._k];
        HashSet<ulong> ids = [.. nearest.Select(id => (ulong)id)];
        ulong[] others = [.. hits.Select(hit => hit.Id.Value).Where(id => !ids.Contains(id))];
        _known += hits.Count - others.Length;
        _wanted += _k;
        if (others.Length > 0) _ties?.Add(query, vector, (ulong)nearest[^1], others);
    }

    /// <summary>One line on standard output; advice on standard error if ties may be missing.</summary>
    /// <exception cref="VectorFileException">The source file cannot be read, or is not what the collection was imported from.</exception>
    public void Print()
    {
        long tied = _ties?.Count(Metric) ?? 0, found = _known + tied;
        string share = tied == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {tied:N0} of them as far as the last true one");
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"recall@{_k} {(double)found / _wanted:F6} ({found:N0} of {_wanted:N0}{share})"));
        if (_ties is null && found < _wanted)
            Console.Error.WriteLine("valori: hits that tie with the last true one are not counted; add --base FILE, the file that was imported, to count them");
    }
}
