using System.Numerics;
using System.Runtime.CompilerServices;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Storage;

/// <summary>
/// Values that were replaced, each with the version that it came with. The values of one thing form a list from the newest back, whose
/// head the thing keeps. Value k of it also knows value k &amp; (k - 1), so that one of m values is found with O(log² m) steps.
/// </summary>
/// <remarks>One writer, any number of readers: nothing that was written ever changes, and a head is published after its entry.</remarks>
/// <param name="maximumEntries">Heads have 32 bits.</param>
internal sealed class ValueHistory(uint maximumEntries = uint.MaxValue)
{
    /// <summary>What a value takes.</summary>
    public static readonly int BytesOfAnEntry = Unsafe.SizeOf<Entry>();

    private readonly AppendOnlyList<Entry> _entries = new();

    /// <summary>What the entries take. Writer thread only.</summary>
    public long Bytes => _entries.Bytes;

    /// <summary>Whether there is room for so many values: to be asked when a command is decided, as its event must be applicable. Writer thread only.</summary>
    public bool HasRoom(ulong more) => _entries.Count + more <= maximumEntries;

    /// <summary>Adds a value that is newer than all before it. Writer thread only.</summary>
    /// <param name="head">Of the values so far; 0 if there are none.</param>
    /// <param name="version">0 for a value that was there from the beginning.</param>
    /// <returns>The new head, counted from 1.</returns>
    public uint Append(uint head, ulong value, ulong version)
    {
        uint ordinal = head == 0 ? 1 : _entries[head - 1].Ordinal + 1, earlier = head;
        // Each step clears the lowest bit of an ordinal; ordinal - 1 has as many ones at its end as ordinal has zeros.
        for (int i = BitOperations.TrailingZeroCount(ordinal); i > 0; i--) earlier = _entries[earlier - 1].Earlier;
        _entries.Append(new Entry(value, version, head, earlier, ordinal));
        return checked((uint)_entries.Count);
    }

    public ulong Newest(uint head) => _entries[head - 1].Value;

    public ulong NewestVersion(uint head) => _entries[head - 1].Version;

    /// <summary>The value as of the version. False if there was none yet.</summary>
    public bool TryGet(uint head, ulong version, out ulong value)
    {
        ref readonly Entry newest = ref _entries[head - 1];
        uint entry = head;
        if (newest.Version > version)
        {
            // Looks for the first value after the version: the one before it is the answer.
            while (StepBack(entry, version) is > 0 and uint earlier) entry = earlier;
            entry = _entries[entry - 1].Previous;
        }
        value = entry == 0 ? 0 : _entries[entry - 1].Value;
        return entry != 0;
    }

    /// <summary>An earlier entry that is later than the version too: the farther one, if it is; 0 if there is none.</summary>
    internal uint StepBack(uint entry, ulong version)
    {
        ref readonly Entry here = ref _entries[entry - 1];
        if (here.Earlier != 0 && _entries[here.Earlier - 1].Version > version) return here.Earlier;
        return here.Previous != 0 && _entries[here.Previous - 1].Version > version ? here.Previous : 0;
    }

    private readonly record struct Entry(ulong Value, ulong Version, uint Previous, uint Earlier, uint Ordinal);
}
