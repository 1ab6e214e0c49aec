using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Coarse;

/// <summary>
/// The codes of one row, and the norms of what they stand for and of what they leave out. Sums are those of doubles, whose values are integers
/// that are exact, and whose sums are off by less than <see cref="Precision"/>. Used again from row to row.
/// </summary>
internal sealed class CoarseRow
{
    /// <summary>No sum of up to 16,384 squares is off by more than this part of it: 2^-53 each.</summary>
    public const double Precision = 1e-11;

    private readonly CoarseScale _scale;
    private readonly int[] _raw;
    private readonly byte[] _codes;
    private readonly double[] _center;
    private readonly double[] _halfSteps;
    private readonly double[] _reciprocals;

    public CoarseRow(CoarseScale scale)
    {
        _scale = scale;
        _raw = new int[scale.Shape.Dimension];
        _codes = new byte[scale.Shape.PaddedComponents];
        _center = Array.ConvertAll(scale.Center, value => (double)value);
        _halfSteps = Array.ConvertAll(scale.HalfSteps, value => (double)value);
        _reciprocals = Array.ConvertAll(scale.HalfSteps, value => 0.5 / value);
    }

    /// <summary>Of the first part of the components.</summary>
    public CoarseSums First { get; private set; }

    /// <summary>Of all components.</summary>
    public CoarseSums Whole { get; private set; }

    /// <summary>Takes a row of a column. </summary>
    /// <param name="first">Takes the upper plane of the first part.</param>
    /// <param name="rest">Takes the upper plane of the other part.</param>
    /// <param name="lower">Takes the lower plane, if there is one.</param>
    public void Set(VectorColumn vectors, int row, Span<byte> first, Span<byte> rest, Span<byte> lower)
    {
        CoarseShape shape = _scale.Shape;
        vectors.CopyRow(row, shape.Dimension, _raw);
        First = Encode(0, shape.FirstComponents, default);
        Whole = Encode(shape.FirstComponents, shape.Dimension, First);
        Pack(_codes.AsSpan(0, 2 * first.Length), first, lower.IsEmpty ? lower : lower[..first.Length]);
        Pack(_codes.AsSpan(2 * first.Length), rest, lower.IsEmpty ? lower : lower[first.Length..]);
    }

    /// <summary>Codes the components from <paramref name="start"/> to <paramref name="end"/>; returns their sums, with those before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private CoarseSums Encode(int start, int end, CoarseSums before)
    {
        ref int raw = ref MemoryMarshal.GetArrayDataReference(_raw);
        ref double center = ref MemoryMarshal.GetArrayDataReference(_center), halfSteps = ref MemoryMarshal.GetArrayDataReference(_halfSteps);
        ref double reciprocals = ref MemoryMarshal.GetArrayDataReference(_reciprocals);
        int i = start;
        if (Avx2.IsSupported)
        {
            Vector256<double> norms = Vector256<double>.Zero, upperErrors = norms, errors = norms, codeNorms = norms;
            Vector256<double> least = Vector256.Create(-128.0), largest = Vector256.Create(127.0), one = Vector256.Create(1.0), sixteenth = Vector256.Create(1 / 16.0);
            for (; i <= end - Vector256<double>.Count; i += Vector256<double>.Count)
            {
                Vector256<double> half = Vector256.LoadUnsafe(ref halfSteps, (nuint)i);
                Vector256<double> y = Avx.ConvertToVector256Double(Vector128.LoadUnsafe(ref raw, (nuint)i)) - Vector256.LoadUnsafe(ref center, (nuint)i);
                Vector256<double> code = Avx.Min(Avx.Max(Avx.Floor(y * Vector256.LoadUnsafe(ref reciprocals, (nuint)i)), least), largest);
                Vector256<double> upper = Avx.Floor(code * sixteenth), doubled = upper + upper + one;
                Vector256<double> error = y - (code + code + one) * half, upperError = y - doubled * (half * Vector256.Create(16.0));
                norms += y * y;
                errors += error * error;
                upperErrors += upperError * upperError;
                codeNorms += doubled * doubled;
                Vector128<short> words = Sse2.PackSignedSaturate(Avx.ConvertToVector128Int32(code), Vector128<int>.Zero);
                Unsafe.WriteUnaligned(ref _codes[i], Sse2.PackSignedSaturate(words, words).AsUInt32().ToScalar() ^ 0x80808080);
            }
            before = new CoarseSums(
                before.Norm + Vector256.Sum(norms), before.UpperError + Vector256.Sum(upperErrors), before.Error + Vector256.Sum(errors), before.CodeNorm + Vector256.Sum(codeNorms));
        }
        (double norm, double upperSum, double errorSum, double codeNorm) = before;
        for (; i < end; i++)
        {
            double y = _raw[i] - _center[i], half = _halfSteps[i];
            double code = Math.Clamp(Math.Floor(y * _reciprocals[i]), -128, 127), doubled = 2 * Math.Floor(code / 16) + 1;
            double error = y - (2 * code + 1) * half, upperError = y - doubled * (16 * half);
            norm += y * y;
            errorSum += error * error;
            upperSum += upperError * upperError;
            codeNorm += doubled * doubled;
            _codes[i] = (byte)((int)code + 128);
        }
        return new CoarseSums(norm, upperSum, errorSum, codeNorm);
    }

    /// <summary>In a chunk, the lower four bits of a byte are of a component of its first half, and the upper ones of one of its second half.</summary>
    private static void Pack(ReadOnlySpan<byte> codes, Span<byte> upper, Span<byte> lower)
    {
        Vector256<byte> low = Vector256.Create((byte)0x0F);
        for (int i = 0; i < upper.Length; i += CoarseShape.ChunkBytes)
        {
            Vector256<byte> a = Vector256.Create(codes[(2 * i)..]), b = Vector256.Create(codes[(2 * i + CoarseShape.ChunkBytes)..]);
            (a >>> 4 | (b & ~low)).CopyTo(upper[i..]);
            if (!lower.IsEmpty) (a & low | b << 4).CopyTo(lower[i..]);
        }
    }
}

/// <summary>Sums of squares of a row's components.</summary>
/// <param name="Norm">Of what the codes stand for: the components less the center.</param>
/// <param name="UpperError">Of what the upper plane leaves out of it.</param>
/// <param name="Error">Of what both planes leave out of it.</param>
/// <param name="CodeNorm">Of <c>2 m - 15</c>, where <c>m</c> are the codes of the upper plane.</param>
internal readonly record struct CoarseSums(double Norm, double UpperError, double Error, double CodeNorm);
