using System.Globalization;
using System.Runtime.CompilerServices;
using Valori.Actors.Files;

namespace Valori.Simulation;

/// <summary>The power went, or the process was killed, in the middle of a call to the file system.</summary>
internal sealed class DiedInTheMiddleException() : IOException("the process died here");

/// <summary>
/// Files as an operating system has them, and what of them lasts. Bytes last once their file is synced, names once their
/// directory is; when the power goes, everything younger may be there, or not, or in part, each for itself. A call may fail
/// half done, and the process may die in any of them.
/// </summary>
internal sealed class SimulatedFileSystem(Random random, SimulatedDisk disk, Trace trace) : IFileSystem
{
    private const double FailsAtACall = 0.005, DiesAtACall = 0.004;

    // Bytes that reached the medium together.
    private const int SectorBytes = 512;

    private readonly SortedDictionary<string, Content> _names = new(StringComparer.Ordinal);
    private readonly List<Action<SortedDictionary<string, Content>>> _unsyncedNames = [];
    private SortedDictionary<string, Content> _lastingNames = new(StringComparer.Ordinal);

    /// <summary>Whether the process died in the middle of a call: nothing of it runs any more.</summary>
    public bool HasDied { get; private set; }

    /// <summary>The snapshots that are there, damaged or not.</summary>
    public IEnumerable<(string Path, long SequenceNr)> Snapshots => _names.Keys
        .Where(path => path.EndsWith(SnapshotFiles.Extension, StringComparison.Ordinal))
        .Select(path => (path, long.Parse(Path.GetFileNameWithoutExtension(path)[^20..], CultureInfo.InvariantCulture)));

    /// <summary>The files that are there or come back when the power goes, but for those that a start deletes.</summary>
    public IEnumerable<string> Left => _names.Keys.Union(_lastingNames.Keys).Where(path => !path.EndsWith(SnapshotFiles.TemporarySuffix, StringComparison.Ordinal));

    /// <summary>Whether the medium has something else of it than was written.</summary>
    public bool IsDamaged(string path) => _names[path].IsDamaged;

    /// <summary>What a file has; null if it is not there, or is not what was written.</summary>
    public byte[]? ReadWhole(string path) => _names.TryGetValue(path, out Content? content) && !content.IsDamaged ? content.OnMedium : null;

    /// <summary>Puts other bytes in the place of a file's.</summary>
    public void Replace(string path, byte[] bytes) => _names[path].Replace(bytes);

    /// <summary>
    /// A new process sees what the last one left, but for what was lost with the power. Half of a snapshot it deletes, as the
    /// data directory does when it is opened.
    /// </summary>
    public void Restart(bool isPowerLost)
    {
        HasDied = false;
        if (isPowerLost) LosePower();
        foreach (Content content in _names.Values.Where(content => content.IsSynced))
        {
            if (random.Next(2) == 0) content.Forget();
        }
        foreach (string path in _names.Keys.Where(path => path.EndsWith(SnapshotFiles.TemporarySuffix, StringComparison.Ordinal)).ToArray()) Change(names => names.Remove(path));
    }

    /// <summary>
    /// The medium loses a part of a snapshot. One that stands for dropped events, where another one of them is whole: no store
    /// outlives the loss of all copies.
    /// </summary>
    public void Rot()
    {
        string[] whole = [.. Snapshots.Where(snapshot => snapshot.SequenceNr >= disk.DroppedTo && !_names[snapshot.Path].IsDamaged).Select(snapshot => snapshot.Path)];
        if (whole.Length < (disk.DroppedTo == 0 ? 1 : 2)) return;
        string path = whole[random.Next(whole.Length)];
        _names[path].Damage(random);
        trace.Add("rot", detail: Path.GetFileName(path));
    }

    private void LosePower()
    {
        foreach (Action<SortedDictionary<string, Content>> change in _unsyncedNames)
        {
            if (random.Next(2) == 0) change(_lastingNames);
        }
        _unsyncedNames.Clear();
        _names.Clear();
        foreach ((string path, Content content) in _lastingNames)
        {
            content.LosePower(random);
            content.Forget();
            _names[path] = content;
        }
    }

    public Task<T> RunAsync<T>(Func<T> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }

    public void CreateDirectory(string directory)
    {
    }

    public IEnumerable<string> Find(string directory, string ending)
    {
        Call();
        return [.. _names.Keys.Where(path => Path.GetDirectoryName(path) == directory && path.EndsWith(ending, StringComparison.Ordinal))];
    }

    public bool Exists(string path) => _names.ContainsKey(path);

    public Stream Open(string path) => Open(_names[path].Remembered);

    public Stream OpenFromDisk(string path) => Open(_names[path].OnMedium);

    public DurableFile Create(string path)
    {
        Call();
        Content content = new();
        Change(names => names[path] = content);
        return new Writing(this, content);
    }

    public void Move(string from, string to)
    {
        Call();
        Content content = _names[from];
        Change(names =>
        {
            names.Remove(from);
            names[to] = content;
        });
    }

    public void SyncDirectory(string directory)
    {
        Call();
        _unsyncedNames.Clear();
        _lastingNames = new SortedDictionary<string, Content>(_names, StringComparer.Ordinal);
    }

    public void Delete(string path)
    {
        Call();
        Change(names => names.Remove(path));
    }

    private MemoryStream Open(byte[] bytes)
    {
        Call();
        if (disk.Happens(Faults.Reads, 0.02)) throw new IOException("the file cannot be read");
        return new MemoryStream(disk.Read(bytes));
    }

    private void Change(Action<SortedDictionary<string, Content>> change)
    {
        change(_names);
        _unsyncedNames.Add(change);
    }

    private void Call([CallerMemberName] string what = "")
    {
        if (!HasDied && disk.Happens(Faults.Crashes, DiesAtACall))
        {
            HasDied = true;
            trace.Add("file", what, "the process dies here");
        }
        if (HasDied) throw new DiedInTheMiddleException();
        if (!disk.Happens(Faults.Writes, FailsAtACall)) return;
        trace.Add("file", what, "fails");
        throw new IOException($"{what} failed");
    }

    private void Append(Content content, ReadOnlySpan<byte> bytes)
    {
        try
        {
            Call();
            if (disk.IsFull) throw new IOException("no space left on device");
        }
        catch (IOException)
        {
            // A short write.
            content.Append(bytes[..random.Next(bytes.Length + 1)]);
            throw;
        }
        content.Append(bytes);
    }

    private void Sync(Content content)
    {
        Call();
        content.Sync();
        // A medium that says it has what it has not.
        if (!disk.Happens(Faults.TornSnapshots, 0.1)) return;
        content.Damage(random);
        trace.Add("file", nameof(Sync), "the medium kept something else");
    }

    /// <summary>The bytes of a file, whatever it is called: what the system remembers of them, and what the medium has.</summary>
    private sealed class Content
    {
        private List<byte> _remembered = [];
        private List<byte> _medium = [];

        public bool IsDamaged { get; private set; }

        public bool IsSynced { get; private set; } = true;

        public int Length => _remembered.Count;

        public byte[] Remembered => [.. _remembered];

        public byte[] OnMedium => [.. _medium];

        public void Append(ReadOnlySpan<byte> bytes)
        {
            _remembered.AddRange(bytes);
            IsSynced = false;
        }

        public void Sync()
        {
            _medium = [.. _remembered];
            IsSynced = true;
        }

        /// <summary>The system needed its memory for something else, or was started again.</summary>
        public void Forget() => _remembered = [.. _medium];

        public void Replace(byte[] bytes) => (_remembered, _medium) = ([.. bytes], [.. bytes]);

        /// <summary>Of what was not synced, some sectors are there and others are zero, up to some length.</summary>
        public void LosePower(Random random)
        {
            if (IsSynced) return;
            int synced = _medium.Count, length = random.Next(synced, Math.Max(synced, _remembered.Count) + 1);
            for (int at = synced; at < length; at += SectorBytes)
            {
                bool isThere = random.Next(2) == 0;
                for (int i = at; i < Math.Min(length, at + SectorBytes); i++) _medium.Add(isThere ? _remembered[i] : (byte)0);
            }
            IsSynced = true;
        }

        /// <summary>A flipped bit, a sector of something else, or a file that ends early; to be seen by whoever asks the medium.</summary>
        public void Damage(Random random)
        {
            if (_medium.Count == 0) return;
            IsDamaged = true;
            int at = random.Next(_medium.Count);
            switch (random.Next(3))
            {
                case 0:
                    _medium[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    for (int i = at; i < Math.Min(_medium.Count, at + SectorBytes); i++) _medium[i] = (byte)~_medium[i];
                    break;
                default:
                    _medium = _medium[..at];
                    break;
            }
        }
    }

    private sealed class Writing(SimulatedFileSystem files, Content content) : DurableFile
    {
        public override long Length => content.Length;

        public override void Write(ReadOnlySpan<byte> buffer) => files.Append(content, buffer);

        public override void Flush()
        {
        }

        public override void Sync() => files.Sync(content);
    }
}
