using System.Globalization;
using Valori.Kernel.Vectors;

namespace Valori;

/// <summary>
/// The power of two that a collection's vectors are multiplied by when they come in, and divided by when they are shown: small vectors
/// keep their precision that way. Users write the power (64), formats hold its exponent (6).
/// </summary>
public static class VectorScale
{
    public const int MinimumExponent = -16;
    public const int MaximumExponent = 16;

    /// <summary>A normalised vector of a larger scale would reach the limit of norms.</summary>
    public const int MaximumCosineExponent = 14;

    /// <summary>The scale with this exponent.</summary>
    public static double Of(int exponent) => Math.ScaleB(1, exponent);

    /// <summary>Raw units in 1.0. A power of two, at least 1.</summary>
    public static double UnitsPerOne(int exponent) => Math.ScaleB(FixedPoint.UnitsPerOne, exponent);

    /// <summary>The exponent of a scale, or null if the scale is not a power of two that is allowed.</summary>
    public static int? ExponentOf(double scale)
    {
        if (!double.IsFinite(scale) || scale <= 0) return null;
        int exponent = Math.ILogB(scale);
        return exponent is >= MinimumExponent and <= MaximumExponent && Of(exponent) == scale ? exponent : null;
    }

    /// <summary>Why a scale is not allowed, or null. The reason names the nearest scales that are.</summary>
    public static Refusal? Check(double scale)
    {
        if (ExponentOf(scale) is not null) return null;
        string advice;
        if (!(scale > Of(MinimumExponent))) advice = $"the smallest is {Text(MinimumExponent)}";
        else if (scale > Of(MaximumExponent)) advice = $"the largest is {Text(MaximumExponent)}";
        else advice = $"the nearest are {Text(Math.ILogB(scale))} and {Text(Math.ILogB(scale) + 1)}";
        return new Refusal(RefusalKind.InvalidArgument,
            string.Create(CultureInfo.InvariantCulture, $"scale is {scale}; it must be a power of two from 2^{MinimumExponent} to 2^{MaximumExponent}: {advice}"));
    }

    /// <summary>The scale with this exponent as text that reads as the same number.</summary>
    public static string Text(int exponent) => Of(exponent).ToString("R", CultureInfo.InvariantCulture);
}
