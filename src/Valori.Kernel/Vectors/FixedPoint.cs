using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Valori.Kernel.Vectors;

/// <summary>
/// Conversion between float32 components and Q16.16 raw values, with a collection's scale and metric. This is the only place where
/// floats are computed with; after it there are only integers.
/// </summary>
internal static class FixedPoint
{
    /// <summary>Raw units in 1.0.</summary>
    public const float UnitsPerOne = 65536f;

    private const float RawLimit = 2147483648f;

    /// <summary>
    /// The float32 that a raw value stands for in a collection without a scale; others have <see cref="EngineSchema.ToSingle"/>. Exact for every
    /// raw value that came from a float32.
    /// </summary>
    public static float ToSingle(int raw) => raw / UnitsPerOne;

    /// <summary>
    /// Rounds each component to the nearest raw value, ties to even: <c>round_half_to_even(x * 65536)</c>.
    /// </summary>
    /// <returns>-1, or the index of the first component that is not finite or outside Q16.16.</returns>
    public static int Convert(ReadOnlySpan<float> components, Span<int> raw) => Convert(components, raw, scaleExponent: 0, out _);

    /// <param name="scaleExponent">Of the collection's scale.</param>
    /// <param name="magnitude">The largest magnitude of the raw values.</param>
    internal static int Convert(ReadOnlySpan<float> components, Span<int> raw, int scaleExponent, out long magnitude)
    {
        float units = (float)VectorScale.UnitsPerOne(scaleExponent);
        // Every step is exact or correctly rounded in float32: the factor is a power of two of at least 1, so that nothing
        // underflows and what overflows is out of range, rounding to an integer is exact, and an integral float inside the
        // 32-bit range converts exactly. So the vector width cannot matter. 128 bits are enough to convert faster than memory
        // delivers.
        ref float source = ref MemoryMarshal.GetReference(components);
        ref int target = ref MemoryMarshal.GetReference(raw[..components.Length]);
        Vector128<float> isValid = Vector128<float>.AllBitsSet;
        Vector128<int> least = Vector128<int>.Zero, most = Vector128<int>.Zero;
        int i = 0;
        for (; i <= components.Length - Vector128<float>.Count; i += Vector128<float>.Count)
        {
            Vector128<float> rounded = Vector128.Round(Vector128.LoadUnsafe(ref source, (nuint)i) * units, MidpointRounding.ToEven);
            // NaN makes both comparisons false.
            isValid &= Vector128.GreaterThanOrEqual(rounded, Vector128.Create(-RawLimit)) & Vector128.LessThan(rounded, Vector128.Create(RawLimit));
            Vector128<int> converted = Vector128.ConvertToInt32(rounded);
            converted.StoreUnsafe(ref target, (nuint)i);
            least = Vector128.Min(least, converted);
            most = Vector128.Max(most, converted);
        }
        bool areValid = Vector128.EqualsAll(isValid.AsInt32(), Vector128<int>.AllBitsSet);
        magnitude = 0;
        for (int lane = 0; lane < Vector128<int>.Count; lane++) magnitude = Math.Max(magnitude, Math.Max(most[lane], -(long)least[lane]));
        for (; i < components.Length; i++)
        {
            float rounded = Round(components[i], units);
            areValid &= IsValid(rounded);
            raw[i] = (int)rounded;
            magnitude = Math.Max(magnitude, Math.Abs((long)raw[i]));
        }
        return areValid ? -1 : FirstInvalid(components, units);
    }

    /// <summary>The sum of squares of raw values, or -1 when it reaches <see cref="Limits.SquaredNormLimit"/>.</summary>
    public static long SquaredNorm(ReadOnlySpan<int> raw)
    {
        // A square is at most 2^62 and the sum before it is below 2^61, so no step overflows.
        long sum = 0;
        foreach (int value in raw)
        {
            sum += (long)value * value;
            if (sum >= Limits.SquaredNormLimit) return -1;
        }
        return sum;
    }

    /// <summary>The same, faster if the largest magnitude shows that the plain sum cannot overflow.</summary>
    internal static long SquaredNorm(ReadOnlySpan<int> raw, long magnitude)
    {
        if (magnitude * magnitude > long.MaxValue / Math.Max(raw.Length, 1)) return SquaredNorm(raw);
        long sum = DotProduct.Wide(raw, raw);
        return sum < Limits.SquaredNormLimit ? sum : -1;
    }

    /// <summary>The largest magnitude of raw values; 0 for none.</summary>
    internal static long Magnitude(ReadOnlySpan<int> raw) =>
        raw.IsEmpty ? 0 : Math.Max(TensorPrimitives.Max(raw), -(long)TensorPrimitives.Min(raw));

    /// <summary>Whether every component is zero; -0 is.</summary>
    internal static bool IsZero(ReadOnlySpan<float> components) => components.IndexOfAnyExcept(0f) < 0;

    /// <summary>
    /// How much rounding changes a vector: the length of the difference between it and its raw values, divided by its own
    /// length. 0 for a vector of zeros, 1 if every component rounds to zero.
    /// </summary>
    /// <param name="components">Finite components in the range of Q16.16; for others the result means nothing.</param>
    /// <param name="scaleExponent">Of the collection's scale.</param>
    public static double RoundingError(ReadOnlySpan<float> components, int scaleExponent = 0)
    {
        double units = VectorScale.UnitsPerOne(scaleExponent);
        double error = 0, norm = 0;
        foreach (float component in components)
        {
            // Exact, except for the squares: the factor is a power of two.
            double scaled = component * units, difference = scaled - Math.Round(scaled, MidpointRounding.ToEven);
            error += difference * difference;
            norm += scaled * scaled;
        }
        return norm == 0 ? 0 : Math.Sqrt(error / norm);
    }

    /// <summary>
    /// Normalises a vector and rounds it: <c>round_half_to_even(x / norm * units)</c> in float64, where the norm is the root of the sum of
    /// squares in the order of the components: a sum of many lanes would round differently. The square of a float32 is exact, so it does not
    /// matter whether a multiplication and an addition are fused.
    /// </summary>
    /// <param name="components">All finite.</param>
    /// <returns>False if all components are zero.</returns>
    internal static bool Normalise(ReadOnlySpan<float> components, Span<int> raw, int scaleExponent)
    {
        double sum = 0;
        foreach (float component in components) sum += (double)component * component;
        if (sum == 0) return false;
        double norm = Math.Sqrt(sum), units = VectorScale.UnitsPerOne(scaleExponent);
        for (int i = 0; i < components.Length; i++) raw[i] = (int)Math.Round(components[i] / norm * units, MidpointRounding.ToEven);
        return true;
    }

    /// <summary>
    /// The least and the largest squared raw norm of vectors of a collection with <see cref="Metric.Cosine"/>. Rounding moves a normalised
    /// vector by at most half the root of the dimension; twice that is allowed, so that the rule needs no fractions.
    /// </summary>
    internal static (long Least, long Most) NormalisedNorms(EngineSchema schema)
    {
        long one = (long)VectorScale.UnitsPerOne(schema.ScaleExponent), slack = (long)Math.Ceiling(Math.Sqrt(schema.Dimension));
        long least = Math.Max(one - slack, 0);
        return (Math.Max(least * least, 1), (one + slack) * (one + slack));
    }

    /// <summary>The index of the first component that is NaN or infinite, or -1.</summary>
    internal static int FirstNotFinite(ReadOnlySpan<float> components)
    {
        for (int i = 0; i < components.Length; i++)
        {
            if (!float.IsFinite(components[i])) return i;
        }
        return -1;
    }

    private static float Round(float component, float units) => MathF.Round(component * units, MidpointRounding.ToEven);

    private static bool IsValid(float rounded) => rounded is >= -RawLimit and < RawLimit;

    private static int FirstInvalid(ReadOnlySpan<float> components, float units)
    {
        int i = 0;
        while (IsValid(Round(components[i], units))) i++;
        return i;
    }

    internal static Refusal RefuseComponent(string where, int index, float value, int scaleExponent)
    {
        string shown = value.ToString("R", CultureInfo.InvariantCulture);
        if (!float.IsFinite(value)) return new Refusal(RefusalKind.InvalidArgument, $"{where}component {index} is {shown}, which is not finite");
        string limit = (32_768 / VectorScale.Of(scaleExponent)).ToString("R", CultureInfo.InvariantCulture);
        return new Refusal(RefusalKind.InvalidArgument,
            $"{where}component {index} is {shown}, outside Q16.16{WithScale(scaleExponent)}: it must be at least -{limit} and less than {limit}");
    }

    internal static Refusal RefuseSmall(string where, ReadOnlySpan<float> components, EngineSchema schema)
    {
        int largest = TensorPrimitives.IndexOfMaxMagnitude(components);
        string shown = components[largest].ToString("R", CultureInfo.InvariantCulture), steps = $"2^{-16 - schema.ScaleExponent}";
        if (schema.ScaleExponent == 0) steps += " (about 0.0000153)";
        // What is normalised has the same length whatever it is multiplied by.
        bool isNormalised = schema.Metric == Metric.Cosine;
        string normalised = isNormalised ? " after normalisation" : "";
        return new Refusal(RefusalKind.InvalidArgument,
            $"{where}the vector is not zero, but all of its components round to zero{normalised}: the largest, component {largest}, is {shown}"
            + $"{(isNormalised ? " before it" : "")}, "
            + $"and Q16.16{WithScale(schema.ScaleExponent)} has steps of {steps}. "
            + $"Use a collection with a larger scale{(isNormalised ? "" : ", or multiply all vectors and all queries by the same factor")}");
    }

    internal static Refusal RefuseZero(string where) => new(RefusalKind.InvalidArgument,
        $"{where}all components are zero: such a vector has no direction, and the metric of the collection is cosine");

    internal static Refusal RefuseNorm(string where, ReadOnlySpan<float> components, int scaleExponent)
    {
        double sum = 0;
        foreach (float component in components) sum += (double)component * component;
        string shown = Math.Sqrt(sum).ToString("G6", CultureInfo.InvariantCulture);
        string limit = scaleExponent == 0
            ? "23170.47 (2^14.5)"
            : $"{(Math.Pow(2, 14.5) / VectorScale.Of(scaleExponent)).ToString("G7", CultureInfo.InvariantCulture)} (2^14.5 / {VectorScale.Text(scaleExponent)}, the scale)";
        return new Refusal(RefusalKind.InvalidArgument, $"{where}vector norm is too large: {shown}; the Euclidean norm must stay below {limit}");
    }

    private static string WithScale(int exponent) => exponent == 0 ? "" : $" with the scale {VectorScale.Text(exponent)}";
}
