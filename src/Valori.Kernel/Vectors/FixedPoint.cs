using System.Globalization;
using System.Numerics.Tensors;

namespace Valori.Kernel.Vectors;

/// <summary>
/// Conversion between float32 components and Q16.16 raw values (FORMATS section 1). This is the only place where floats
/// are computed with; behind it there are integers alone.
/// </summary>
public static class FixedPoint
{
    /// <summary>Raw units in 1.0.</summary>
    public const float UnitsPerOne = 65536f;

    private const float RawLimit = 2147483648f;
    private const int StackComponents = 512;

    /// <summary>The float32 that a raw value stands for. Exact for every raw value that came from a float32.</summary>
    public static float ToSingle(int raw) => raw / UnitsPerOne;

    /// <summary>
    /// Rounds each component to the nearest raw value, ties to even: <c>round_half_to_even(x * 65536)</c>.
    /// </summary>
    /// <returns>-1, or the index of the first component that is not finite or outside Q16.16.</returns>
    public static int Convert(ReadOnlySpan<float> components, Span<int> raw)
    {
        // Every step is exact or correctly rounded in float32: the factor is a power of two, rounding to an integer is
        // exact, and an integral float inside the 32-bit range converts exactly. So chunking and SIMD width cannot matter.
        Span<float> scaled = stackalloc float[StackComponents];
        for (int start = 0; start < components.Length; start += StackComponents)
        {
            ReadOnlySpan<float> source = components.Slice(start, Math.Min(StackComponents, components.Length - start));
            Span<float> chunk = scaled[..source.Length];
            TensorPrimitives.Multiply(source, UnitsPerOne, chunk);
            TensorPrimitives.Round(chunk, MidpointRounding.ToEven, chunk);
            // NaN makes the comparison false; -2^31 itself is a valid raw value and is settled one by one.
            if (!(TensorPrimitives.MaxMagnitude((ReadOnlySpan<float>)chunk) is < RawLimit and > -RawLimit))
            {
                for (int i = 0; i < chunk.Length; i++)
                {
                    if (!(chunk[i] is >= -RawLimit and < RawLimit)) return start + i;
                }
            }
            TensorPrimitives.ConvertTruncating<float, int>(chunk, raw.Slice(start, chunk.Length));
        }
        return -1;
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

    internal static Refusal RefuseComponent(string where, int index, float value)
    {
        string shown = value.ToString("R", CultureInfo.InvariantCulture);
        return new Refusal(RefusalKind.InvalidArgument, float.IsFinite(value)
            ? $"{where}component {index} is {shown}, outside Q16.16: it must be at least -32768 and less than 32768"
            : $"{where}component {index} is {shown}, which is not finite");
    }

    internal static Refusal RefuseNorm(string where, ReadOnlySpan<float> components)
    {
        double sum = 0;
        foreach (float component in components) sum += (double)component * component;
        string shown = Math.Sqrt(sum).ToString("G6", CultureInfo.InvariantCulture);
        return new Refusal(RefusalKind.InvalidArgument,
            $"{where}vector norm is too large: {shown}; the Euclidean norm must stay below 23170.47 (2^14.5)");
    }
}
