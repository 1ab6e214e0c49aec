using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Coarse;

/// <summary>The codes of one row, and the exact norms of what they stand for and of what they leave out.</summary>
internal sealed class CoarseRow
{
    private readonly CoarseScale _scale;
    private readonly int[] _raw;
    private readonly NarrowCenter? _narrow;

    // code = round(y / step), by one 32-bit multiplication: y is first shifted into 15 bits, and the reciprocal has 14. A
    // code that is one off if it is close to the middle does no harm: the error is computed from the code that was taken.
    private readonly int _inputShift;
    private readonly int _reciprocal;
    private readonly int _outputShift;

    public CoarseRow(CoarseScale scale)
    {
        _scale = scale;
        SquaredNorms = new long[scale.Shape.Strata];
        _raw = new int[scale.Shape.Dimension];
        _narrow = Avx2.IsSupported ? NarrowCenter.TryMake(scale) : null;
        _inputShift = Math.Max(0, BitOperations.Log2((ulong)scale.Reach) + 1 - 15);
        // step / 2^inputShift is at least 2^15 / 128; a power of two above it times the reciprocal's range is the rest.
        _outputShift = 14 + BitOperations.Log2((uint)Math.Max(1, scale.Step >> _inputShift));
        _reciprocal = (int)((1L << (_outputShift + _inputShift)) / scale.Step);
    }

    /// <summary>Per stratum the exact squared norm of y's components up to its end.</summary>
    public long[] SquaredNorms { get; }

    /// <summary>The exact sum of squared codes.</summary>
    public long SquaredCodeNorm { get; private set; }

    /// <summary>The exact sum of squared errors, in raw units.</summary>
    public long SquaredErrorNorm { get; private set; }

    /// <summary>The largest magnitude of a component of y.</summary>
    public long LargestMagnitude { get; private set; }

    /// <summary>Takes a row of a column.</summary>
    /// <param name="codes">Takes the code of each component, with its offset.</param>
    /// <returns>False if a value is out of the scale's reach: codes and norms then mean nothing.</returns>
    public bool Set(VectorColumn vectors, int row, Span<byte> codes)
    {
        CoarseShape shape = _scale.Shape;
        ReadOnlySpan<short> narrow = _narrow is null || vectors.Narrow is null ? default : vectors.Narrow.AsSpan(row * shape.Dimension, shape.Dimension);
        if (narrow.IsEmpty) vectors.CopyRow(row, shape.Dimension, _raw);
        SquaredCodeNorm = SquaredErrorNorm = LargestMagnitude = 0;
        long norm = 0;
        for (int stratum = 0, start = 0; stratum < shape.Strata; stratum++)
        {
            int end = shape.EndComponent(stratum);
            norm += narrow.IsEmpty ? Encode(_raw, start, end, codes) : EncodeNarrow(narrow, start, end, codes);
            SquaredNorms[stratum] = norm;
            start = end;
        }
        return LargestMagnitude <= _scale.Reach;
    }

    /// <summary>Codes the components from <paramref name="start"/> to <paramref name="end"/>; returns their squared norm.</summary>
    private long Encode(ReadOnlySpan<int> raw, int start, int end, Span<byte> codes)
    {
        ReadOnlySpan<int> center = _scale.Center;
        long norm = 0, codeNorm = 0, errorNorm = 0;
        uint largest = 0;
        int i = start;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<long> norms = Vector256<long>.Zero, errors = Vector256<long>.Zero;
            Vector256<int> codeNorms = Vector256<int>.Zero;
            Vector256<uint> magnitudes = Vector256<uint>.Zero;
            Vector256<int> half = Vector256.Create(1 << (_outputShift - 1)), reciprocal = Vector256.Create(_reciprocal), step = Vector256.Create(_scale.Step);
            Vector256<int> limit = Vector256.Create(CoarseScale.MaximumCode), offset = Vector256.Create(CoarseColumn.CodeOffset);
            for (; i <= end - Vector256<int>.Count; i += Vector256<int>.Count)
            {
                // Both are inside 2^28 (CoarseBound.LargestSquaredNorm), so the difference does not overflow.
                Vector256<int> y = Vector256.Create(raw[i..]) - Vector256.Create(center[i..]);
                magnitudes = Vector256.Max(magnitudes, Vector256.Abs(y).AsUInt32());
                Vector256<int> code = ((y >> _inputShift) * reciprocal + half) >> _outputShift;
                code = Vector256.Min(Vector256.Max(code, -limit), limit);
                Vector256<int> error = y - code * step;
                norms += SquareSums(y);
                errors += SquareSums(error);
                codeNorms += code * code;
                code += offset;
                Vector128<short> words = Vector128.Narrow(code.GetLower(), code.GetUpper());
                Vector128.Narrow(words, words).AsByte().GetLower().CopyTo(codes[i..]);
            }
            norm = Vector256.Sum(norms);
            errorNorm = Vector256.Sum(errors);
            codeNorm = Vector256.Sum(codeNorms);
            for (int lane = 0; lane < Vector256<uint>.Count; lane++) largest = Math.Max(largest, magnitudes[lane]);
        }
        for (; i < end; i++)
        {
            int y = raw[i] - center[i];
            largest = Math.Max(largest, (uint)Math.Abs(y));
            int code = ((y >> _inputShift) * _reciprocal + (1 << (_outputShift - 1))) >> _outputShift;
            code = Math.Clamp(code, -CoarseScale.MaximumCode, CoarseScale.MaximumCode);
            long error = y - code * _scale.Step;
            norm += (long)y * y;
            errorNorm += error * error;
            codeNorm += code * code;
            codes[i] = (byte)(code + CoarseColumn.CodeOffset);
        }
        LargestMagnitude = Math.Max(LargestMagnitude, largest);
        SquaredCodeNorm += codeNorm;
        SquaredErrorNorm += errorNorm;
        return norm;
    }

    /// <summary>
    /// <see cref="Encode"/> in 16 bits: 0.15 us for 384 components, interleaved and all (AMD Zen 3). Differences saturate, which puts them out of reach; inside of
    /// it, everything fits.
    /// </summary>
    private long EncodeNarrow(ReadOnlySpan<short> raw, int start, int end, Span<byte> codes)
    {
        NarrowCenter narrow = _narrow!;
        ref short row = ref MemoryMarshal.GetReference(raw[..end]);
        ref short center = ref MemoryMarshal.GetReference(narrow.Values.AsSpan(0, end));
        ref byte bytes = ref MemoryMarshal.GetReference(codes[..end]);
        Vector256<ulong> norms = Vector256<ulong>.Zero;
        Vector256<int> errorNorms = Vector256<int>.Zero, codeNorms = errorNorms;
        Vector256<ushort> magnitudes = Vector256<ushort>.Zero;
        Vector256<short> step = Vector256.Create((short)_scale.Step), offset = Vector256.Create((short)CoarseColumn.CodeOffset);
        int i = start;
        for (; i <= end - 2 * Vector256<short>.Count; i += 2 * Vector256<short>.Count)
        {
            Vector256<short> y0 = Avx2.SubtractSaturate(Vector256.LoadUnsafe(ref row, (nuint)i), Vector256.LoadUnsafe(ref center, (nuint)i));
            Vector256<short> y1 = Avx2.SubtractSaturate(
                Vector256.LoadUnsafe(ref row, (nuint)(i + Vector256<short>.Count)), Vector256.LoadUnsafe(ref center, (nuint)(i + Vector256<short>.Count)));
            magnitudes = Vector256.Max(magnitudes, Vector256.Max(Vector256.Abs(y0).AsUInt16(), Vector256.Abs(y1).AsUInt16()));
            // Two pair sums of squares stay below 2^32.
            Vector256<uint> pairs = (Avx2.MultiplyAddAdjacent(y0, y0) + Avx2.MultiplyAddAdjacent(y1, y1)).AsUInt32();
            norms += (pairs.AsUInt64() & Vector256.Create((ulong)uint.MaxValue)) + (pairs.AsUInt64() >>> 32);
            Vector256<short> code0 = narrow.Code(y0), code1 = narrow.Code(y1);
            Vector256<short> error0 = y0 - code0 * step, error1 = y1 - code1 * step;
            errorNorms += Avx2.MultiplyAddAdjacent(error0, error0) + Avx2.MultiplyAddAdjacent(error1, error1);
            codeNorms += Avx2.MultiplyAddAdjacent(code0, code0) + Avx2.MultiplyAddAdjacent(code1, code1);
            // Packed half by half: the quarters come out as 0, 2, 1, 3.
            Vector256<long> packed = Avx2.PackUnsignedSaturate(code0 + offset, code1 + offset).AsInt64();
            Avx2.Permute4x64(packed, 0b11_01_10_00).AsByte().StoreUnsafe(ref bytes, (nuint)i);
        }
        // The processor knows the smallest of 8: of the complements.
        int largest = ushort.MaxValue - Sse41.MinHorizontal(~Vector128.Max(magnitudes.GetLower(), magnitudes.GetUpper())).ToScalar();
        LargestMagnitude = Math.Max(LargestMagnitude, largest);
        SquaredCodeNorm += Vector256.Sum(codeNorms);
        SquaredErrorNorm += Vector256.Sum(errorNorms);
        long norm = (long)Vector256.Sum(norms);
        if (i == end) return norm;
        VectorBlock.Widened(raw[i..end], _raw.AsSpan(i));
        return norm + Encode(_raw, i, end, codes);
    }

    /// <summary>The squares of the even lanes plus those of the odd lanes.</summary>
    private static Vector256<long> SquareSums(Vector256<int> values)
    {
        if (Avx2.IsSupported)
        {
            Vector256<int> odd = (values.AsInt64() >>> 32).AsInt32();
            return Avx2.Multiply(values, values) + Avx2.Multiply(odd, odd);
        }
        (Vector256<long> lower, Vector256<long> upper) = Vector256.Widen(values);
        return lower * lower + upper * upper;
    }

    /// <summary>What <see cref="EncodeNarrow"/> needs of a scale: it exists if the reach is inside 16 bits.</summary>
    private sealed class NarrowCenter(short[] values, short reciprocal, int shift)
    {
        private readonly Vector256<short> _reciprocal = Vector256.Create(reciprocal);
        private readonly Vector256<short> _half = Vector256.Create((short)((1 << shift) >> 1));

        public short[] Values { get; } = values;

        public static NarrowCenter? TryMake(CoarseScale scale)
        {
            // A saturated difference must be out of reach. Errors of about half a step then have squares whose sums fit 31 bits.
            if (scale.Reach >= short.MaxValue || scale.Center.Any(value => value is < short.MinValue or > short.MaxValue)) return null;
            // y / step = (y * 2^15 * 2^shift / step) / 2^15 / 2^shift, the factor between 2^13 and 2^15: step is 2 at least.
            int shift = BitOperations.Log2((uint)scale.Step) - 1;
            return new NarrowCenter(Array.ConvertAll(scale.Center, value => (short)value), (short)((1 << (15 + shift)) / scale.Step), shift);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<short> Code(Vector256<short> y)
        {
            Vector256<short> limit = Vector256.Create((short)CoarseScale.MaximumCode);
            Vector256<short> code = (Avx2.MultiplyHighRoundScale(y, _reciprocal) + _half) >> shift;
            return Vector256.Min(Vector256.Max(code, -limit), limit);
        }
    }
}
