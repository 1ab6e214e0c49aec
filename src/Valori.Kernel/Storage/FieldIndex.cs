using Valori.Kernel.Memory;
using Valori.Kernel.Values;

namespace Valori.Kernel.Storage;

/// <summary>
/// Which rows have ever had which value of which field, and which element of which array: a hash table of lists of rows, twelve bytes a
/// slot. One writer appends; readers need no lock.
/// </summary>
/// <remarks>
/// The lists know neither versions nor the values themselves, and values with one hash share a list. So a list has every row that is looked for
/// and maybe others: the caller that takes rows from it looks at their fields. When the table is full it is replaced by a longer one: a reader of the
/// old one finds every row that its View knows of there.
/// </remarks>
/// <param name="maximumSlots">Of the table, a power of two; three quarters of them are used.</param>
/// <param name="maximumSlabs">Of the lists.</param>
internal sealed class FieldIndex(int maximumSlots = 1 << 30, int maximumSlabs = PostingLists.MaximumSlabs)
{
    private const int FirstSlots = 16;

    private const int AskedAhead = 16;

    // A shorter list costs little, whatever is in it.
    private const int LeastTidied = 64;

    private readonly PostingLists _lists = new(maximumSlabs);
    private volatile bool _isComplete = true;
    private volatile Table _table = new(FirstSlots);
    private int _count;

    // Between BeginMany and EndMany: what waits, what the thread pool is putting into the table, and how long that was.
    private WaitingValues? _waiting;
    private Task _filling = Task.CompletedTask;
    private int _leastSlots;

    /// <summary>What the table and the lists take. Writer thread only.</summary>
    public long Bytes => _table.Bytes + _lists.Bytes;

    /// <summary>
    /// Whether every value of every row is here. False once table or lists are full: then nothing is added any more, and searches scan.
    /// What a command has decided must always be applicable, so a full index cannot be a reason to fail.
    /// </summary>
    public bool IsComplete => _isComplete;

    /// <summary>
    /// Many rows will be added before anybody reads. Their values go into the table together, and the thread pool puts them there. Writer thread
    /// only.
    /// </summary>
    public void BeginMany(int mostWaiting = WaitingValues.Most)
    {
        _waiting = new WaitingValues(mostWaiting);
        _leastSlots = _table.Lists.Length;
    }

    /// <summary>What was added since <see cref="BeginMany"/> is in the table. Writer thread only.</summary>
    public void EndMany()
    {
        if (_waiting is not { } waiting) return;
        _filling.GetAwaiter().GetResult();
        AddWaiting(waiting);
        _waiting = null;
        Resize(SlotsFor(_count, _leastSlots));
    }

    /// <summary>Adds the values of a row. Writer thread only.</summary>
    /// <param name="fields">Canonical, or empty without any.</param>
    /// <param name="before">What was added for the row last: values that stay are in their lists already.</param>
    public void Append(ulong row, ReadOnlySpan<byte> fields, ReadOnlySpan<byte> before)
    {
        if (fields.IsEmpty || !_isComplete) return;
        PackedFields each = new(fields);
        while (each.MoveNext())
        {
            if (!before.IsEmpty && PackedFields.TryFind(before, each.Name, out PackedValue old) && old.Type == each.Value.Type && old.Bytes.SequenceEqual(each.Value.Bytes)) continue;
            int name = SeededHash.Of(each.Name);
            if (each.Value.Type.IsScalar()) Append(ValueHash.Of(name, each.Value), (uint)row);
            foreach (PackedValue element in each.Value.Elements) Append(ValueHash.Of(name, element), (uint)row);
        }
    }

    /// <summary>The list of a value, by its hash; 0 if there is none. It may be longer in a moment; this much of it stays.</summary>
    public ulong Find(uint hash)
    {
        Table table = _table;
        for (uint place = hash; ; place++)
        {
            uint slot = place & table.Mask;
            ulong list = Volatile.Read(ref table.Lists[slot]);
            if (list == 0 || table.Hashes[slot] == hash) return list;
        }
    }

    /// <summary>Copies the rows of a list that <see cref="Find"/> returned.</summary>
    public void CopyTo(ulong list, Span<uint> rows) => _lists.CopyTo(list, rows);

    private void Append(uint hash, uint row)
    {
        if (_waiting is not { } waiting)
        {
            Add(hash, row);
            return;
        }
        waiting.Add(hash, row);
        if (!waiting.IsFull) return;
        _filling.GetAwaiter().GetResult();
        _filling = Task.Run(() => AddWaiting(waiting));
        _waiting = waiting.Next();
    }

    private void AddWaiting(WaitingValues waiting)
    {
        if (!_isComplete) return;
        if (waiting.AreFew)
        {
            AddAhead(waiting.First);
            return;
        }
        // Long enough if all of them are new: in one that is too short, the first ones would be close together. What is not needed of it goes
        // in the end.
        Resize(Math.Max(_table.Lists.Length, SlotsFor(_count + waiting.Count, _leastSlots)));
        foreach (ulong entry in waiting.Take(_table.Lists.Length)) Add((uint)(entry >> 32), (uint)entry);
    }

    /// <summary>Too few to be worth sorting: each place is asked of memory some values before its turn.</summary>
    private void AddAhead(ReadOnlySpan<ulong> entries)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            if (i + AskedAhead < entries.Length) _table.Prefetch((uint)(entries[i + AskedAhead] >> 32));
            Add((uint)(entries[i] >> 32), (uint)entries[i]);
        }
    }

    private int SlotsFor(int count, int least)
    {
        int slots = least;
        while (count > slots / 4 * 3 && slots < maximumSlots) slots *= 2;
        return slots;
    }

    private void Add(uint hash, uint row)
    {
        if (_count >= _table.Lists.Length / 4 * 3)
        {
            if (_table.Lists.Length >= maximumSlots) _isComplete = false;
            else Resize(_table.Lists.Length * 2);
        }
        if (!_isComplete) return;
        Table table = _table;
        for (uint place = hash; ; place++)
        {
            uint slot = place & table.Mask;
            ulong list = table.Lists[slot];
            if (list == 0)
            {
                table.Hashes[slot] = hash;
                Volatile.Write(ref table.Lists[slot], PostingLists.Of(row));
                _count++;
                return;
            }
            if (table.Hashes[slot] != hash) continue;
            ulong longer = _lists.Append(list, row);
            // A row whose field goes to and fro is appended each time. Looked at whenever a list is twice as long, that costs little.
            uint count = PostingLists.CountOf(longer);
            if (longer != list && count >= LeastTidied && uint.IsPow2(count)) longer = _lists.WithoutRepetitions(longer);
            if (longer == 0) _isComplete = false;
            else Volatile.Write(ref table.Lists[slot], longer);
            return;
        }
    }

    private void Resize(int slots)
    {
        Table old = _table;
        if (slots == old.Lists.Length) return;
        Table table = new(slots);
        for (int i = 0; i < old.Lists.Length; i++)
        {
            if (old.Lists[i] == 0) continue;
            uint place = old.Hashes[i];
            while (table.Lists[place & table.Mask] != 0) place++;
            table.Hashes[place & table.Mask] = old.Hashes[i];
            table.Lists[place & table.Mask] = old.Lists[i];
        }
        _table = table;
    }

    private sealed class Table(int slots)
    {
        public uint[] Hashes { get; } = new uint[slots];

        public ulong[] Lists { get; } = new ulong[slots];

        public void Prefetch(uint hash)
        {
            Cache.Prefetch(ref Lists[hash & Mask], sizeof(ulong));
            Cache.Prefetch(ref Hashes[hash & Mask], sizeof(uint));
        }

        public uint Mask => (uint)Lists.Length - 1;

        public long Bytes => (long)Lists.Length * (sizeof(uint) + sizeof(ulong));
    }
}
