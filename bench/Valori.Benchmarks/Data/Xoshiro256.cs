namespace Valori.Benchmarks.Data;

/// <summary>
/// xoshiro256** 1.0 of Blackman and Vigna, its state filled by four outputs of splitmix64: both in the public domain and
/// available in every language, so that others can make the same data (bench/README.md).
/// </summary>
internal sealed class Xoshiro256
{
    private ulong _s0, _s1, _s2, _s3;

    public Xoshiro256(ulong seed)
    {
        _s0 = SplitMix64(ref seed);
        _s1 = SplitMix64(ref seed);
        _s2 = SplitMix64(ref seed);
        _s3 = SplitMix64(ref seed);
    }

    public ulong Next()
    {
        ulong result = ulong.RotateLeft(_s1 * 5, 7) * 9;
        ulong shifted = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= shifted;
        _s3 = ulong.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in 0..bound-1, by the upper half of the next output.</summary>
    public int Next(int bound) => (int)((Next() >> 32) * (ulong)bound >> 32);

    /// <summary>
    /// Close to gaussian, and exact on every machine, which a logarithm or a cosine would not be: the sum of the eight
    /// 16-bit parts of two outputs, less its mean. An integer with the variance <see cref="GaussianVariance"/>.
    /// </summary>
    public int NextGaussian() => SumOfParts(Next()) + SumOfParts(Next()) - 4 * 65535;

    /// <summary>8 (65536^2 - 1) / 12.</summary>
    public const double GaussianVariance = 2863311530;

    private static int SumOfParts(ulong bits)
    {
        ulong pairs = (bits & 0x0000FFFF_0000FFFF) + (bits >> 16 & 0x0000FFFF_0000FFFF);
        return (int)((pairs & 0xFFFFFFFF) + (pairs >> 32));
    }

    private static ulong SplitMix64(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
}
