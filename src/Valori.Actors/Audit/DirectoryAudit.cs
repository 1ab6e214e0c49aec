using System.Text.RegularExpressions;
using Valori.Actors.Files;
using Valori.Actors.Journal;
using Valori.Actors.PostgreSql;
using Valori.Actors.Rows;
using Valori.Actors.Settings;
using Valori.Actors.Sqlite;
using Valori.Actors.State;
using Valori.Actors.Text;

namespace Valori.Actors.Audit;

/// <summary>
/// The audit of a journal and its snapshots, in a data directory or in a database: of each collection (<see cref="JournalAudit"/>), and
/// of snapshots that belong to none.
/// Takes no lock and writes nothing, so it works beside a service. For one thread.
/// </summary>
internal sealed partial class DirectoryAudit : IDisposable
{
    // Enough to keep the disk busy while a large entry is hashed.
    private const long BytesAhead = 64 << 20;

    private readonly JournalSource _journal;

    // Null if nothing is kept in a directory.
    private readonly JournalEnds? _ends;

    // Null if snapshots are not files.
    private readonly string? _snapshotDirectory;

    private DirectoryAudit(JournalSource journal, string? directory, bool hasSnapshotFiles)
    {
        _journal = journal;
        _snapshotDirectory = directory is null || !hasSnapshotFiles ? null : SnapshotFiles.DirectoryIn(directory);
        _ends = directory is null ? null : new JournalEnds(DiskFileSystem.Instance, directory);
        // Files before rows, here and below: what a service writes meanwhile is then not missing in the journal.
        string[] files = Directory.Exists(_snapshotDirectory) ? Directory.GetFiles(_snapshotDirectory, "*" + SnapshotFiles.Extension) : [];
        (string Name, string Path, JournalEnd? End)[] marks = [.. MarkedEnds()];
        journal.Renew();
        IReadOnlyList<string> ids = journal.PersistenceIds();
        (BeingDropped, IReadOnlyList<BadPlace> damagedIntents) = ids.Contains(DropIntent.PersistenceId) ? ReadIntents() : ([], []);
        Collections = [.. ids.Select(ValoriSettings.NameOf).OfType<string>().Except(BeingDropped)];
        (Strangers, UnknownFiles) = Sort(files);
        Strangers =
        [
            .. damagedIntents, .. Strangers,
            // One that is gone by now was dropped since the files were listed.
            .. marks.Where(mark => IsStranger(mark.Name) && File.Exists(mark.Path))
                .Select(mark => new BadPlace(mark.Path, mark.End?.SequenceNr ?? 0, $"a journal of the collection '{mark.Name}'", "no event of it")),
        ];
    }

    /// <summary>The collections of the journal, by name.</summary>
    public IReadOnlyList<string> Collections { get; }

    /// <summary>The collections that do not exist any more, and of which something may be left: the process that serves the journal, or its next start, deletes it.</summary>
    public IReadOnlyList<string> BeingDropped { get; }

    /// <summary>Snapshots of collections that are not in the journal: it lost all of them, or the files are another directory's.</summary>
    public IReadOnlyList<BadPlace> Strangers { get; }

    /// <summary>Files that end as snapshots do, but have no name of one. They are not read.</summary>
    public IReadOnlyList<string> UnknownFiles { get; }

    /// <param name="pace">Holds the check of the whole file back; null for as fast as it goes.</param>
    /// <exception cref="DataDirectoryException">The directory holds no journal, or it cannot be read.</exception>
    /// <exception cref="CorruptionException">The journal is not a SQLite database.</exception>
    public static DirectoryAudit Open(string directory, Pace? pace = null)
    {
        directory = Path.GetFullPath(directory);
        return Open(SqliteJournalFile.Open(directory, pace is null ? null : pace.Take), directory, hasSnapshotFiles: true);
    }

    /// <param name="directory">The data directory, which has the end marks; null if there is none.</param>
    /// <param name="hasSnapshotFiles">Whether snapshots are files in it.</param>
    /// <exception cref="JournalException">The database holds no journal, or it cannot be read.</exception>
    public static DirectoryAudit Open(PostgreSqlTarget target, string? directory, bool hasSnapshotFiles) =>
        Open(PostgreSqlJournal.Open(target), directory, hasSnapshotFiles);

    private static DirectoryAudit Open(JournalSource journal, string? directory, bool hasSnapshotFiles)
    {
        try
        {
            return new DirectoryAudit(journal, directory, hasSnapshotFiles);
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>The sequence number up to which a collection's audit is going to go, to tell how far it is.</summary>
    public long LastSequenceNr(string name) => _journal.LastSequenceNr(ValoriSettings.PersistenceIdOf(name));

    /// <param name="name">One of <see cref="Collections"/>.</param>
    /// <param name="expected">A place that its history must have.</param>
    /// <param name="pace">Holds the reading back; null for as fast as it goes.</param>
    public AuditedCollection Audit(
        string name, HistoryPlace? expected = null, Action<AuditProgress>? progress = null, Pace? pace = null, CancellationToken cancellationToken = default) =>
        Run(name, expected, progress, pace, cancellationToken).Result;

    /// <summary>The same, with the state that the last good event led to.</summary>
    public (AuditedCollection Result, EngineState State) Load(string name, Action<AuditProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        (AuditedCollection result, JournalAudit audit) = Run(name, expected: null, progress, pace: null, cancellationToken);
        return (result, audit.State);
    }

    /// <summary>All rows of a collection by sequence number, those marked deleted included. Nothing of them is believed.</summary>
    public IEnumerable<JournalRow> Rows(string name) => _journal.Rows(ValoriSettings.PersistenceIdOf(name));

    public void Dispose() => _journal.Dispose();

    private (AuditedCollection Result, JournalAudit Audit) Run(
        string name, HistoryPlace? expected, Action<AuditProgress>? progress, Pace? pace, CancellationToken cancellationToken)
    {
        string persistenceId = ValoriSettings.PersistenceIdOf(name);
        while (true)
        {
            (JournalEnd? end, BadPlace? damagedMark) = ReadMark(persistenceId);
            (AuditedCollection Result, JournalAudit Audit) audited = Run(name, end, damagedMark, expected, progress, pace, cancellationToken);
            if (audited.Result.IsGood) return audited;
            // What looks bad may be what a drop has not deleted yet. Its intent was there before the first event was gone.
            _journal.Renew();
            if (ReadIntents().BeingDropped.Contains(name))
                return (audited.Result with { BadPlaces = [], Notes = ["the collection is being dropped: what is left of it is not proven"], Counts = null }, audited.Audit);
            // If the drop is over, mark and snapshots were of another history than the rows that are there now.
            bool wasDropped = end is null ? _journal.LastSequenceNr(persistenceId) == 0 && audited.Result.Place is not null : !(ReadMark(persistenceId).End?.SequenceNr >= end.SequenceNr);
            if (!wasDropped) return audited;
        }
    }

    private (AuditedCollection Result, JournalAudit Audit) Run(
        string name, JournalEnd? end, BadPlace? damagedMark, HistoryPlace? expected, Action<AuditProgress>? progress, Pace? pace, CancellationToken cancellationToken)
    {
        string persistenceId = ValoriSettings.PersistenceIdOf(name);
        SnapshotSource[] snapshots = _snapshotDirectory is null
            ? []
            : [.. SnapshotFiles.Find(DiskFileSystem.Instance, _snapshotDirectory, persistenceId).Reverse().Select(found => SnapshotSource.File(found.Path, found.SequenceNr))];
        _journal.Renew();
        snapshots = [.. snapshots.Concat(_journal.Snapshots(persistenceId)).OrderBy(snapshot => snapshot.SequenceNr)];
        IEnumerable<JournalRow> rows = RowsAhead.Of(_journal.Rows(persistenceId), BytesAhead);
        if (pace is not null) (rows, snapshots) = (pace.Rows(rows), [.. snapshots.Select(pace.Snapshot)]);
        JournalAudit audit = new(_journal.Path, persistenceId, snapshots, expected, end);
        AuditedCollection audited = audit.Run(name, rows, progress, cancellationToken);
        return (damagedMark is null ? audited : audited with { BadPlaces = [.. audited.BadPlaces, damagedMark] }, audit);
    }

    private IEnumerable<(string Name, string Path, JournalEnd? End)> MarkedEnds()
    {
        foreach (string persistenceId in _ends?.PersistenceIds() ?? [])
        {
            if (ValoriSettings.NameOf(persistenceId) is { } name) yield return (name, _ends!.PathOf(persistenceId), ReadMark(persistenceId).End);
        }
    }

    private (JournalEnd? End, BadPlace? Damaged) ReadMark(string persistenceId)
    {
        try
        {
            return (_ends?.Read(persistenceId), null);
        }
        catch (CorruptionException e)
        {
            return (null, new BadPlace(e.Place, e.Position, e.Expected, e.Found) { IsLeftOut = true });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, new BadPlace(_ends!.PathOf(persistenceId), 0, "an end mark that can be read", e.Message) { IsLeftOut = true });
        }
    }

    private (IReadOnlyList<BadPlace> Strangers, IReadOnlyList<string> Unknown) Sort(string[] files)
    {
        List<BadPlace> strangers = [];
        List<string> unknown = [];
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            Match name = SnapshotName().Match(Path.GetFileName(file));
            if (!name.Success || ValoriSettings.NameOf(name.Groups[1].Value) is not { } collection || !WholeNumbers.TryParse(name.Groups[2].ValueSpan, out long sequenceNr))
                unknown.Add(file);
            else if (IsStranger(collection) && File.Exists(file))
                strangers.Add(new BadPlace(file, sequenceNr, $"a journal of the collection '{collection}'", "no event of it"));
        }
        strangers.AddRange(_journal.SnapshotsWithout([.. Collections.Concat(BeingDropped).Select(ValoriSettings.PersistenceIdOf)])
            .Select(snapshot => new BadPlace(snapshot.Path, snapshot.SequenceNr, "a journal of its collection", "no event of it")));
        return (strangers, unknown);
    }

    private bool IsStranger(string collection) => !Collections.Contains(collection) && !BeingDropped.Contains(collection);

    private (IReadOnlyList<string> BeingDropped, IReadOnlyList<BadPlace> Damaged) ReadIntents()
    {
        List<string> dropped = [];
        List<BadPlace> damaged = [];
        foreach (JournalRow row in _journal.Intents())
        {
            if (DropIntent.TryRead(row, out string? persistenceId)) dropped.Add(ValoriSettings.NameOf(persistenceId)!);
            else damaged.Add(new BadPlace(_journal.Path, row.SequenceNr, $"the intent to drop a collection ({DropIntent.PersistenceId})", "a row that was changed: it drops nothing"));
        }
        return (dropped, damaged);
    }

    [GeneratedRegex("\\A(.*)-([0-9]{20})\\.snapshot\\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex SnapshotName();
}
