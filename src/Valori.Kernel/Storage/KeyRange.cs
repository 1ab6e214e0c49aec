using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Valori.Kernel.Storage;

/// <summary>Which keys of one kind of value match a condition: those of one interval for certain, and those of another one maybe.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KeyRange(KeyInterval Certain, KeyInterval Possible)
{
    public static KeyRange None => default;

    public static KeyRange All => new(KeyInterval.All, default);

    public static KeyRange Unknown => new(default, KeyInterval.All);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Verdict Of(ulong key) => (Verdict)Math.Max(Certain.Has(key) * (int)Verdict.Yes, Possible.Has(key) * (int)Verdict.Maybe);

    /// <summary>Of each of some keys.</summary>
    public void Of(ReadOnlySpan<ulong> keys, Span<Verdict> verdicts)
    {
        int i = 0;
        if (Vector256.IsHardwareAccelerated && Bmi2.X64.IsSupported)
        {
            // One bit a key, then one byte a key: 1 or 0.
            const ulong bytes = 0x01010101_01010101;
            ref byte target = ref Unsafe.As<Verdict, byte>(ref MemoryMarshal.GetReference(verdicts[..keys.Length]));
            for (; i <= keys.Length - sizeof(ulong); i += sizeof(ulong))
            {
                uint certain = Certain.Bits(keys[i..]), possible = Possible.Bits(keys[i..]) & ~certain;
                ulong eight = Bmi2.X64.ParallelBitDeposit(certain, bytes) * (ulong)Verdict.Yes | Bmi2.X64.ParallelBitDeposit(possible, bytes);
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, i), eight);
            }
        }
        for (; i < keys.Length; i++) verdicts[i] = Of(keys[i]);
    }

    /// <summary>Of all keys between two; <see cref="Verdict.Mixed"/> if they are not all alike.</summary>
    public Verdict Of(ulong least, ulong greatest)
    {
        if (Certain.Covers(least, greatest)) return Verdict.Yes;
        if (Certain.Meets(least, greatest)) return Verdict.Mixed;
        return Possible.Covers(least, greatest) ? Verdict.Maybe : Possible.Meets(least, greatest) ? Verdict.Mixed : Verdict.No;
    }
}

/// <summary>Keys from one to another, both included; or none.</summary>
/// <param name="Length">How many there are beyond the first.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KeyInterval(bool HasAny, ulong First, ulong Length)
{
    public static KeyInterval All => new(true, 0, ulong.MaxValue);

    public ulong Last => First + Length;

    public static KeyInterval Of(ulong first, ulong last) => first <= last ? new(true, first, last - first) : default;

    /// <summary>1 or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Has(ulong key) => Convert.ToInt32(HasAny & key - First <= Length);

    /// <summary>One bit for each of the first eight keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Bits(ReadOnlySpan<ulong> keys)
    {
        if (!HasAny) return 0;
        ref ulong first = ref MemoryMarshal.GetReference(keys[..sizeof(ulong)]);
        Vector256<ulong> start = Vector256.Create(First), length = Vector256.Create(Length);
        uint low = Vector256.LessThanOrEqual(Vector256.LoadUnsafe(ref first) - start, length).ExtractMostSignificantBits();
        uint high = Vector256.LessThanOrEqual(Vector256.LoadUnsafe(ref first, (nuint)Vector256<ulong>.Count) - start, length).ExtractMostSignificantBits();
        return low | high << Vector256<ulong>.Count;
    }

    public bool Covers(ulong least, ulong greatest) => HasAny && First <= least && greatest <= Last;

    public bool Meets(ulong least, ulong greatest) => HasAny && First <= greatest && least <= Last;

    /// <summary>The smallest interval with both.</summary>
    public KeyInterval Hull(KeyInterval other) =>
        !HasAny ? other : !other.HasAny ? this : Of(Math.Min(First, other.First), Math.Max(Last, other.Last));
}
