namespace Valori.Benchmarks.Data;

/// <summary>
/// Endless unit vectors around 1,000 centers on the unit sphere, like the embeddings of texts on many subjects: two
/// vectors of one cluster are about 0.66 apart (squared), two of different clusters about 2. bench/README.md writes the
/// recipe down; every step is exact or correctly rounded in binary64, so the floats are the same on every machine.
/// </summary>
internal sealed class ClusteredVectors : IVectors
{
    public const int Centers = 1000;
    public const double Sigma = 0.7;

    private readonly int _dimension;
    private readonly double _spread;
    private readonly double[] _centers;
    private readonly double[] _row;
    private readonly Xoshiro256 _random;

    /// <param name="seed">Of the centers: rows and queries of one data set share it.</param>
    /// <param name="stream">Of the vectors: 1 for rows, 2 for queries.</param>
    public ClusteredVectors(int dimension, ulong seed, ulong stream)
    {
        _dimension = dimension;
        _spread = Sigma / Math.Sqrt(dimension * Xoshiro256.GaussianVariance);
        _row = new double[dimension];
        _centers = new double[Centers * dimension];
        Xoshiro256 random = new(seed);
        for (int center = 0; center < Centers; center++)
        {
            Span<double> components = _centers.AsSpan(center * dimension, dimension);
            for (int i = 0; i < dimension; i++) components[i] = random.NextGaussian();
            double norm = Norm(components);
            for (int i = 0; i < dimension; i++) components[i] /= norm;
        }
        _random = new Xoshiro256(seed + stream);
    }

    public void Next(Span<float> vector)
    {
        ReadOnlySpan<double> center = _centers.AsSpan(_random.Next(Centers) * _dimension, _dimension);
        double[] row = _row;
        for (int i = 0; i < center.Length; i++) row[i] = center[i] + _spread * _random.NextGaussian();
        double norm = Norm(row);
        for (int i = 0; i < vector.Length; i++) vector[i] = (float)(row[i] / norm);
    }

    private static double Norm(ReadOnlySpan<double> components)
    {
        double sum = 0;
        foreach (double component in components) sum += component * component;
        return Math.Sqrt(sum);
    }
}
