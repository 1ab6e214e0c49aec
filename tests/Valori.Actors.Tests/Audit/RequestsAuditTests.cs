using Valori.Actors.Audit;
using Valori.Actors.Entries;
using Valori.Actors.Rows;
using Valori.Actors.Sqlite;
using Valori.Actors.State;
using Valori.Protocol;

namespace Valori.Actors.Tests.Audit;

/// <summary>Lists of remembered requests that are not what the events tell, with and without digests, before and after a restore.</summary>
public sealed class RequestsAuditTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Another_command_in_a_list_is_found_and_none_is_an_older_list()
    {
        using TemporaryDirectory directory = new();
        await using (ValoriEngine engine = await WrittenHistory.OpenAsync(directory.Path, dimension: 1))
        {
            await engine.WithRequestId("a").InsertAsync(new float[1]);
            await engine.SaveAsync().WaitAsync(Limit);
        }
        JournalRow[] rows = Rows(directory.Path);
        Assert.NotNull(Assert.Single(Lists(rows)).Requests[0].Command);
        Assert.True(Audit(rows).IsGood);
        Assert.True(Audit(Changed(rows, kept => kept with { Command = null })).IsGood);
        BadPlace bad = Assert.Single(Audit(Changed(rows, kept => kept with { Command = Digest.Zero })).BadPlaces);
        Assert.StartsWith("request 'a' with command digest ", bad.Expected);
        Assert.Equal($"{Digest.Zero}", bad.Found);
    }

    /// <summary>Whatever a receipt has is compared: a list that tells another one of any of it is refused with its place.</summary>
    [Fact]
    public async Task Another_value_of_any_part_of_a_receipt_is_found()
    {
        using TemporaryDirectory directory = new();
        await using (ValoriEngine engine = await WrittenHistory.OpenAsync(directory.Path, dimension: 1))
        {
            await engine.UpsertAsync(new NewRecord(new float[1]) { Key = "k" });
            await engine.WithRequestId("a").UpsertAsync(new NewRecord(new float[1]) { Key = "k" });
            await engine.SaveAsync().WaitAsync(Limit);
        }
        JournalRow[] rows = Rows(directory.Path);
        // A list from before receipts told what was replaced.
        Assert.True(Audit(Changed(rows, kept => kept with { Receipt = kept.Receipt with { Replaced = 0, FirstReplaced = 0 } })).IsGood);
        Dictionary<string, Func<Receipt, Receipt>> changes = new()
        {
            [nameof(Receipt.SequenceNr)] = receipt => receipt with { SequenceNr = receipt.SequenceNr - 1 },
            [nameof(Receipt.UnixMicroseconds)] = receipt => receipt with { UnixMicroseconds = receipt.UnixMicroseconds + 1 },
            [nameof(Receipt.StateHash)] = receipt => receipt with { StateHash = receipt.Chain },
            [nameof(Receipt.Chain)] = receipt => receipt with { Chain = receipt.StateHash },
            [nameof(Receipt.HistoryRoot)] = receipt => receipt with { HistoryRoot = receipt.StateHash },
            [nameof(Receipt.FirstId)] = receipt => receipt with { FirstId = receipt.FirstId + 1 },
            [nameof(Receipt.Count)] = receipt => receipt with { Count = receipt.Count + 1 },
            [nameof(Receipt.Nodes)] = receipt => receipt with { Nodes = new IdRange(receipt.Nodes.First, receipt.Nodes.Count + 1) },
            [nameof(Receipt.Replaced)] = receipt => receipt with { Replaced = receipt.Replaced + 1 },
            [nameof(Receipt.FirstReplaced)] = receipt => receipt with { FirstReplaced = receipt.FirstReplaced + 1 },
            [nameof(Receipt.Document)] = receipt => receipt with { Document = new NodeId(3) },
            [nameof(Receipt.Edges)] = receipt => receipt with { Edges = new IdRange(receipt.Edges.First + 1, receipt.Edges.Count) },
        };
        Assert.Equal(typeof(Receipt).GetProperties().Where(property => property.CanWrite).Select(property => property.Name).Order(), changes.Keys.Order());
        foreach ((string part, Func<Receipt, Receipt> change) in changes)
        {
            AuditedCollection audited = Audit(Changed(rows, kept => kept with { Receipt = change(kept.Receipt) }));
            Assert.True(audited.BadPlaces.Count == 1 && audited.BadPlaces[0].SequenceNr == rows[^1].SequenceNr, $"{part}: {string.Join('\n', audited.BadPlaces)}");
        }
    }

    /// <summary>
    /// Until restores forgot, a list after one still named what it had undone. Such a list, which has no digests, is read, and what
    /// was undone is forgotten all the same; a list with digests was written by who knew better.
    /// </summary>
    [Fact]
    public async Task A_list_that_names_what_a_restore_undid_is_an_older_one_or_wrong()
    {
        using TemporaryDirectory directory = new();
        Receipt undone;
        await using (ValoriEngine engine = await WrittenHistory.OpenAsync(directory.Path, dimension: 1))
        {
            await engine.WithRequestId("kept").InsertAsync(new float[1]);
            byte[] snapshot = await File.ReadAllBytesAsync(await engine.SaveAsync().WaitAsync(Limit));
            undone = (await engine.WithRequestId("undone").InsertAsync(new float[1])).Receipt;
            await engine.RestoreAsync(snapshot);
            await engine.InsertAsync(new float[1]);
            await engine.SaveAsync().WaitAsync(Limit);
        }
        JournalRow[] rows = Rows(directory.Path);
        Assert.Equal(["kept"], Lists(rows)[^1].Requests.Select(kept => kept.Request.Value));
        Assert.True(Audit(rows).IsGood);

        KeptRequest old = new(RequestId.Parse("undone"), undone);
        JournalRow[] older = Changed(rows, kept => kept with { Command = null }, old, restoreKeeps: false);
        Assert.True(Audit(older).IsGood);
        EngineState replayed = new(WrittenHistory.PersistenceId, rememberedRequests: 10);
        foreach (JournalRow row in older) replayed.Replay(row.SequenceNr, new JournalRecord(row.Payload));
        Assert.Equal(0, replayed.Requests.Count);

        BadPlace bad = Assert.Single(Audit(Changed(rows, kept => kept, old with { Command = CommandDigest.Of(new DeleteRecord(new RecordId(0))) })).BadPlaces);
        Assert.StartsWith("request 'undone' with command digest", bad.Expected);
        Digest insert = Lists(rows)[^1].Requests[0].Command!.Value;
        BadPlace forgotten = Assert.Single(Audit(Changed(rows, kept => kept, old with { Command = insert })).BadPlaces);
        Assert.Contains("undid", forgotten.Expected);
        Assert.Equal($"'undone' of event {undone.SequenceNr}", forgotten.Found);
    }

    [Fact]
    public async Task A_restore_that_claims_another_event_than_its_snapshot_has_is_found()
    {
        using TemporaryDirectory directory = new();
        await using (ValoriEngine engine = await WrittenHistory.OpenAsync(directory.Path, dimension: 1))
        {
            await engine.InsertAsync(new float[1]);
            byte[] snapshot = await File.ReadAllBytesAsync(await engine.SaveAsync().WaitAsync(Limit));
            await engine.InsertAsync(new float[1]);
            await engine.RestoreAsync(snapshot);
        }
        JournalRow[] rows = Rows(directory.Path);
        Assert.Equal(2, Assert.Single(rows.Select(Decode).Select(entry => entry.Event).OfType<Restored>()).KeepsRequestsTo);
        Assert.True(Audit(rows).IsGood);
        foreach (long claimed in new long[] { 1, 3, -1, 1_000 })
        {
            BadPlace bad = Assert.Single(Audit([.. rows.Select(row => Decode(row) is { Event: Restored restored } entry
                ? Encode(row, entry, restored with { KeepsRequestsTo = claimed })
                : row)]).BadPlaces);
            Assert.Equal(rows[^1].SequenceNr, bad.SequenceNr);
            Assert.Contains($"went back to event {claimed}, and its snapshot is of event 2", bad.Found);
        }
    }

    private static JournalRow[] Rows(string path)
    {
        using SqliteJournalFile journal = SqliteJournalFile.Open(path);
        return [.. journal.Rows(WrittenHistory.PersistenceId)];
    }

    private static AuditedCollection Audit(IEnumerable<JournalRow> rows) => new JournalAudit("journal", WrittenHistory.PersistenceId, [], null).Run("default", rows);

    private static RequestsKept[] Lists(IEnumerable<JournalRow> rows) => [.. rows.Select(Decode).Select(entry => entry.Event).OfType<RequestsKept>()];

    /// <summary>The rows with changed lists; the last list has one request more.</summary>
    private static JournalRow[] Changed(JournalRow[] rows, Func<KeptRequest, KeptRequest> change, KeptRequest? more = null, bool restoreKeeps = true)
    {
        long lastList = rows.Last(row => Decode(row).Event is RequestsKept).SequenceNr;
        return [.. rows.Select(row => Decode(row) switch
        {
            { Event: RequestsKept(var requests) } entry => Encode(row, entry, new RequestsKept(
                [.. requests.Select(change), .. more is not null && row.SequenceNr == lastList ? new[] { more } : []])),
            { Event: Restored restored } entry when !restoreKeeps => Encode(row, entry, restored with { KeepsRequestsTo = 0 }),
            _ => row,
        })];
    }

    private static JournalEntry Decode(JournalRow row) => JournalCodec.Decode(new JournalRecord(row.Payload));

    private static JournalRow Encode(JournalRow row, JournalEntry entry, JournalEvent happened) =>
        row with { Payload = JournalCodec.Encode(entry with { Event = happened }).Payload };
}
