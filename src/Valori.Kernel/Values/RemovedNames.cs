using System.Text;

namespace Valori.Kernel.Values;

/// <summary>
/// Names of fields to remove, with what is below them. They are sorted once, so that one walk over the fields of a record, which ascend, finds
/// all of them: a record with few fields costs a few looks a field, and one with many less than one look a name and a field.
/// </summary>
internal sealed class RemovedNames
{
    private const byte Dot = (byte)'.';

    // Each name, and with a dot after it, which stands for all that begins so; ascending. What is below another one is left out, so only the
    // last entry up to a field can cover it.
    private readonly List<byte[]> _entries;

    public RemovedNames(IReadOnlyList<string> names)
    {
        byte[][] all = new byte[2 * names.Count][];
        for (int i = 0; i < names.Count; i++)
        {
            byte[] below = Encoding.UTF8.GetBytes(names[i] + '.');
            all[2 * i] = below[..^1];
            all[2 * i + 1] = below;
        }
        Array.Sort(all, (a, b) => a.AsSpan().SequenceCompareTo(b));
        _entries = new List<byte[]>(all.Length);
        foreach (byte[] entry in all)
        {
            if (_entries.Count == 0 || !IsBelow(entry, _entries[^1])) _entries.Add(entry);
        }
    }

    /// <summary>Whether the field has one of the names, or is below one.</summary>
    /// <param name="at">0 for the first field. The others must ascend.</param>
    public bool Cover(ReadOnlySpan<byte> field, ref int at)
    {
        int low = at, step = 1;
        for (; low + step <= _entries.Count && !IsAfter(_entries[low + step - 1], field); step *= 2) low += step;
        int high = Math.Min(low + step - 1, _entries.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (IsAfter(_entries[middle], field)) high = middle;
            else low = middle + 1;
        }
        at = low;
        return low > 0 && (field.SequenceEqual(_entries[low - 1]) || IsBelow(field, _entries[low - 1]));
    }

    private static bool IsAfter(byte[] entry, ReadOnlySpan<byte> field) => entry.AsSpan().SequenceCompareTo(field) > 0;

    private static bool IsBelow(ReadOnlySpan<byte> name, byte[] entry) => entry[^1] == Dot && name.StartsWith(entry);
}
