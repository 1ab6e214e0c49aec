using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Search;

/// <summary>The codes of one row, and the exact norms of what they stand for and of what they leave out.</summary>
internal sealed class CoarseRow
{
    private readonly CoarseScale _scale;
    private readonly byte[] _codes;

    // code = round(y / step), by one 32-bit multiplication: y is first shifted into 15 bits, and the reciprocal has 14. A
    // code that is one off where it is close to the middle does no harm: the error is computed from the code that was taken.
    private readonly int _inputShift;
    private readonly int _reciprocal;
    private readonly int _outputShift;

    public CoarseRow(CoarseScale scale)
    {
        _scale = scale;
        SquaredNorms = new long[scale.Shape.Strata];
        _codes = new byte[scale.Shape.Groups * CoarseShape.GroupComponents];
        _codes.AsSpan().Fill(CoarseColumn.CodeOffset);
        _inputShift = Math.Max(0, BitOperations.Log2((ulong)scale.Reach) + 1 - 15);
        // step / 2^inputShift is at least 2^15 / 128; a power of two above it times the reciprocal's range gives the rest.
        _outputShift = 14 + BitOperations.Log2((uint)Math.Max(1, scale.Step >> _inputShift));
        _reciprocal = (int)((1L << (_outputShift + _inputShift)) / scale.Step);
    }

    /// <summary>Codes with their offset.</summary>
    public ReadOnlySpan<byte> Codes => _codes;

    /// <summary>Per stratum the exact squared norm of y's components up to its end.</summary>
    public long[] SquaredNorms { get; }

    /// <summary>The exact sum of squared codes.</summary>
    public long SquaredCodeNorm { get; private set; }

    /// <summary>The exact sum of squared errors, in raw units.</summary>
    public long SquaredErrorNorm { get; private set; }

    /// <summary>The largest magnitude of a component of y.</summary>
    public long LargestMagnitude { get; private set; }

    /// <summary>Takes a row's raw values; false where one is out of the scale's reach: there are then no codes and norms.</summary>
    public bool Set(ReadOnlySpan<int> raw)
    {
        ReadOnlySpan<int> center = _scale.Center;
        uint largest = 0;
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<uint> largestLanes = Vector256<uint>.Zero;
            for (; i <= raw.Length - Vector256<int>.Count; i += Vector256<int>.Count)
            {
                // Both are inside 2^30 (CoarseBound.LargestSquaredNorm), so the difference does not overflow.
                Vector256<int> y = Vector256.Create(raw[i..]) - Vector256.Create(center[i..]);
                largestLanes = Vector256.Max(largestLanes, Vector256.Abs(y).AsUInt32());
            }
            for (int lane = 0; lane < Vector256<uint>.Count; lane++) largest = Math.Max(largest, largestLanes[lane]);
        }
        for (; i < raw.Length; i++) largest = Math.Max(largest, (uint)Math.Abs(raw[i] - center[i]));
        LargestMagnitude = largest;
        if (largest > _scale.Reach) return false;

        SquaredCodeNorm = SquaredErrorNorm = 0;
        CoarseShape shape = _scale.Shape;
        long norm = 0;
        for (int stratum = 0; stratum < shape.Strata; stratum++)
        {
            norm += Encode(raw, shape.Start(stratum) * CoarseShape.GroupComponents, shape.EndComponent(stratum));
            SquaredNorms[stratum] = norm;
        }
        return true;
    }

    /// <summary>Codes the components from <paramref name="start"/> to <paramref name="end"/>; gives their squared norm.</summary>
    private long Encode(ReadOnlySpan<int> raw, int start, int end)
    {
        ReadOnlySpan<int> center = _scale.Center;
        long norm = 0, codeNorm = 0, errorNorm = 0;
        int i = start;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<long> norms = Vector256<long>.Zero, errors = Vector256<long>.Zero;
            Vector256<int> codeNorms = Vector256<int>.Zero;
            Vector256<int> half = Vector256.Create(1 << (_outputShift - 1)), reciprocal = Vector256.Create(_reciprocal), step = Vector256.Create(_scale.Step);
            Vector256<int> limit = Vector256.Create(CoarseScale.MaximumCode), offset = Vector256.Create(CoarseColumn.CodeOffset);
            for (; i <= end - Vector256<int>.Count; i += Vector256<int>.Count)
            {
                Vector256<int> y = Vector256.Create(raw[i..]) - Vector256.Create(center[i..]);
                Vector256<int> code = ((y >> _inputShift) * reciprocal + half) >> _outputShift;
                code = Vector256.Min(Vector256.Max(code, -limit), limit);
                Vector256<int> error = y - code * step;
                norms += SquareSums(y);
                errors += SquareSums(error);
                codeNorms += code * code;
                code += offset;
                Vector128<short> words = Vector128.Narrow(code.GetLower(), code.GetUpper());
                Vector128.Narrow(words, words).AsByte().GetLower().CopyTo(_codes.AsSpan(i));
            }
            norm = Vector256.Sum(norms);
            errorNorm = Vector256.Sum(errors);
            codeNorm = Vector256.Sum(codeNorms);
        }
        for (; i < end; i++)
        {
            int y = raw[i] - center[i];
            int code = ((y >> _inputShift) * _reciprocal + (1 << (_outputShift - 1))) >> _outputShift;
            code = Math.Clamp(code, -CoarseScale.MaximumCode, CoarseScale.MaximumCode);
            long error = y - code * _scale.Step;
            norm += (long)y * y;
            errorNorm += error * error;
            codeNorm += code * code;
            _codes[i] = (byte)(code + CoarseColumn.CodeOffset);
        }
        SquaredCodeNorm += codeNorm;
        SquaredErrorNorm += errorNorm;
        return norm;
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
}
