namespace Valori.Kernel.Storage;

/// <summary>
/// Which row, a record or a node, has which key, now and as of earlier versions: a hash table of rows, eight bytes a slot, in which the keys
/// themselves stand in the rows' attributes. One writer adds; readers need no lock.
/// </summary>
/// <remarks>
/// A slot is written whole, and goes from empty to a row, or from a row to a later one with the same key. When the table is full it is
/// replaced by a longer one: a reader of the old one finds every row that its View knows of there.
/// </remarks>
internal sealed class KeyIndex(IKeyedRows rows)
{
    /// <summary>The maximum number of keys that were ever used: the largest table, three quarters full.</summary>
    public const int MaximumKeys = 3 << 28;

    private const int FirstSlots = 16;

    // Of a slot: 31 bits of the hash, whether what follows is a head of _replaced, and a row + 1, or the head.
    private const ulong IsReplaced = 1UL << 32;
    private const int HashShift = 33;

    private readonly ValueHistory _replaced = new();

    private volatile ulong[] _slots = [];

    /// <summary>Keys that were ever used. Writer thread only.</summary>
    public int Count { get; private set; }

    /// <summary>Whether so many keys can go to other rows. Writer thread only.</summary>
    public bool HasRoomToReplace(int keys) => _replaced.HasRoom(2 * (ulong)keys);

    /// <summary>What the table takes. Writer thread only.</summary>
    public long Bytes => (long)_slots.Length * sizeof(ulong) + _replaced.Bytes;

    /// <summary>What a table of so many keys takes.</summary>
    public static long BytesFor(int keys)
    {
        long slots = FirstSlots;
        while (keys > slots / 4 * 3) slots *= 2;
        return keys == 0 ? 0 : slots * sizeof(ulong);
    }

    /// <summary>The newest row with the key, among the first so many: live or deleted. False if there is none.</summary>
    /// <param name="version">Of the same View as the number of rows.</param>
    public bool TryFind(ReadOnlySpan<byte> key, ulong slotsOfRows, ulong version, out ulong id)
    {
        ulong[] slots = _slots;
        id = default;
        if (slots.Length == 0) return false;
        uint hash = HashOf(key);
        for (uint place = hash; ; place++)
        {
            ulong slot = Volatile.Read(ref slots[place & (uint)(slots.Length - 1)]);
            if (slot == 0) return false;
            if (slot >> HashShift != hash || !IsOf(slot, key)) continue;
            ulong row = (uint)slot;
            if ((slot & IsReplaced) != 0 && !_replaced.TryGet((uint)slot, version, out row)) return false;
            id = row - 1;
            return row <= slotsOfRows;
        }
    }

    /// <summary>Makes a row the newest one with the key. Its attributes are there already. Writer thread only.</summary>
    /// <returns>The row that was it, if there was one.</returns>
    public ulong? Set(ReadOnlySpan<byte> key, ulong id, ulong version)
    {
        if (Count >= _slots.Length / 4 * 3) Grow();
        ulong[] slots = _slots;
        uint hash = HashOf(key);
        for (uint place = hash; ; place++)
        {
            ref ulong slot = ref slots[place & (uint)(slots.Length - 1)];
            if (slot == 0)
            {
                Volatile.Write(ref slot, (ulong)hash << HashShift | id + 1);
                Count++;
                return null;
            }
            if (slot >> HashShift != hash || !IsOf(slot, key)) continue;
            uint head = (slot & IsReplaced) != 0 ? (uint)slot : _replaced.Append(0, (uint)slot, 0);
            ulong before = _replaced.Newest(head) - 1;
            Volatile.Write(ref slot, (ulong)hash << HashShift | IsReplaced | _replaced.Append(head, id + 1, version));
            return before;
        }
    }

    private bool IsOf(ulong slot, ReadOnlySpan<byte> key)
    {
        ulong row = (slot & IsReplaced) != 0 ? _replaced.Newest((uint)slot) : (uint)slot;
        return rows.KeyOf(row - 1).SequenceEqual(key);
    }

    private void Grow()
    {
        ulong[] shorter = _slots, slots = new ulong[Math.Max(FirstSlots, checked(shorter.Length * 2))];
        foreach (ulong slot in shorter)
        {
            if (slot == 0) continue;
            uint place = (uint)(slot >> HashShift);
            while (slots[place & (uint)(slots.Length - 1)] != 0) place++;
            slots[place & (uint)(slots.Length - 1)] = slot;
        }
        _slots = slots;
    }

    /// <summary>31 bits.</summary>
    private static uint HashOf(ReadOnlySpan<byte> key) => (uint)SeededHash.Of(key) >> 1;
}
