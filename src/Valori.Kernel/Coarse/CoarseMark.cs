namespace Valori.Kernel.Coarse;

/// <summary>
/// What a bound has to know of a row besides its codes, in 32 bits: a norm, and how much the upper plane and both planes leave out of it.
/// </summary>
internal static class CoarseMark
{
    /// <summary>Bits of a norm, with its sign.</summary>
    public const int NormBits = 18;

    /// <summary>Bits of an error.</summary>
    public const int ErrorBits = 7;

    /// <summary>Where a norm begins: after the errors.</summary>
    public const int NormPlace = 2 * ErrorBits;

    /// <summary>The largest error, and the mask of the error of the upper plane.</summary>
    public const int LargestError = (1 << ErrorBits) - 1;

    /// <summary>The largest norm.</summary>
    public const int LargestNorm = (1 << (NormBits - 1)) - 1;

    /// <summary>Of a row that no bound excludes.</summary>
    public const int Unbounded = int.MinValue;

    /// <param name="norm">Rounded down; larger ones are cut off.</param>
    /// <param name="upperError">Rounded up; a larger one makes a row unbounded.</param>
    /// <param name="error">Rounded up; the largest stands for all larger ones.</param>
    public static int Of(long norm, long upperError, long error) => norm <= -LargestNorm || upperError > LargestError
        ? Unbounded
        : (int)Math.Min(norm, LargestNorm) << NormPlace | (int)Math.Min(error, LargestError) << ErrorBits | (int)upperError;

    public static int Norm(int mark) => mark >> NormPlace;

    public static int UpperError(int mark) => mark & LargestError;

    /// <summary>If it is <see cref="LargestError"/>, the error may be larger.</summary>
    public static int Error(int mark) => mark >> ErrorBits & LargestError;
}
