using System.Runtime.InteropServices;

namespace Valori.Kernel.Storage;

/// <summary>Whether a row matches a condition, as far as is known. The smaller one of two is that of both, and the larger one that of either.</summary>
internal enum Verdict : byte
{
    No,
    Maybe,
    Yes,

    /// <summary>Of several rows: they have different ones.</summary>
    Mixed,
}

internal static class Verdicts
{
    /// <summary>The first place from one on whose verdict is not no; the length if there is none.</summary>
    public static int NextButNo(ReadOnlySpan<Verdict> verdicts, int from)
    {
        int place = MemoryMarshal.Cast<Verdict, byte>(verdicts[from..]).IndexOfAnyExcept((byte)Verdict.No);
        return place < 0 ? verdicts.Length : from + place;
    }
}
