namespace Valori.Benchmarks.Data;

/// <summary>
/// Endless unit vectors with independent components around 0, close to gaussian: all with the same variance, so that no row is much nearer
/// than another; or with the variances 1, 1/2, 1/3, ..., a power law as embeddings have. bench/README.md writes the recipe down.
/// </summary>
internal sealed class SpectrumVectors : IVectors
{
    private readonly double[] _spreads;
    private readonly double[] _row;
    private readonly Xoshiro256 _random;

    /// <param name="isPowerLaw">Otherwise all variances are the same.</param>
    /// <param name="stream">Of the vectors: 1 for rows, 2 for queries.</param>
    public SpectrumVectors(int dimension, bool isPowerLaw, ulong seed, ulong stream)
    {
        _spreads = [.. Enumerable.Range(0, dimension).Select(i => isPowerLaw ? 1 / Math.Sqrt(i + 1) : 1)];
        _row = new double[dimension];
        _random = new Xoshiro256(seed + stream);
    }

    public void Next(Span<float> vector)
    {
        double sum = 0;
        for (int i = 0; i < _row.Length; i++)
        {
            _row[i] = _spreads[i] * _random.NextGaussian();
            sum += _row[i] * _row[i];
        }
        double norm = Math.Sqrt(sum);
        for (int i = 0; i < vector.Length; i++) vector[i] = (float)(_row[i] / norm);
    }
}
