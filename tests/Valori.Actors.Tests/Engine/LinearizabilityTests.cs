using System.Collections.Concurrent;
using System.Diagnostics;
using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Engine;

/// <summary>
/// Clients on real threads write and read the metadata of a few records, each of which is a register. The order of the writes is
/// known, by their sequence numbers, so a history is linearizable exactly where reads and writes keep to it and to real time.
/// </summary>
[Trait("Category", "Slow")]
public sealed class LinearizabilityTests : IDisposable
{
    private const int Records = 3;
    private const int Clients = 8;
    private const int OperationsEach = 150;

    private readonly SqliteBackend _backend = new();

    public void Dispose() => _backend.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Concurrent_reads_and_writes_of_single_records_are_linearizable(int seed)
    {
        await using ValoriEngine engine = await _backend.OpenAsync(dimension: 2);
        await engine.InsertBatchAsync(new float[2 * Records], new ulong[Records]);
        ConcurrentBag<Operation> history = [];
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            Random random = new(seed * 100 + client);
            for (int i = 0; i < OperationsEach; i++)
            {
                RecordId record = new((ulong)random.Next(Records));
                long start = Stopwatch.GetTimestamp();
                if (random.Next(3) == 0)
                {
                    byte[] value = BitConverter.GetBytes(client * OperationsEach + i + 1);
                    Receipt receipt = await engine.SetMetadataAsync(record, value);
                    history.Add(new Operation(record, IsWrite: true, BitConverter.ToInt32(value), receipt.SequenceNr, start, Stopwatch.GetTimestamp()));
                }
                else
                {
                    byte[]? value = await engine.GetMetadataAsync(record);
                    history.Add(new Operation(record, IsWrite: false, value is null ? 0 : BitConverter.ToInt32(value), 0, start, Stopwatch.GetTimestamp()));
                }
            }
        })));
        Assert.Equal(Clients * OperationsEach, history.Count);
        foreach (IGrouping<RecordId, Operation> register in history.GroupBy(operation => operation.Record))
            Assert.True(Violation([.. register]) is not { } violation, $"seed {seed}, record {register.Key}: {Violation([.. register])}");
    }

    /// <summary>The same with a field of records that have keys, through each command and each question that can set or tell it.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Concurrent_upserts_changes_transactions_lists_and_searches_by_key_are_linearizable(int seed)
    {
        const string Field = "value";
        await using ValoriEngine engine = await _backend.OpenAsync(dimension: 2);
        RecordKey[] keys = [.. Enumerable.Range(0, Records).Select(record => (RecordKey)$"record {record}")];
        await engine.InsertBatchAsync([.. keys.Select(key => new NewRecord(new float[2]) { Key = key, Fields = FieldsOf(0) })]);
        ConcurrentBag<Operation> history = [];
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            Random random = new(seed * 100 + client);
            for (int i = 0; i < OperationsEach; i++)
            {
                int record = random.Next(Records);
                bool isWrite = random.Next(3) == 0;
                int written = client * OperationsEach + i + 1;
                long start = Stopwatch.GetTimestamp();
                (int value, long sequenceNr) = isWrite
                    ? (written, await WriteAsync(random.Next(4), keys[record], FieldsOf(written)))
                    : (await ReadAsync(random.Next(4), keys[record]), 0);
                history.Add(new Operation(new RecordId((ulong)record), isWrite, value, sequenceNr, start, Stopwatch.GetTimestamp()));
            }
        })));
        Assert.Equal(Clients * OperationsEach, history.Count);
        foreach (IGrouping<RecordId, Operation> register in history.GroupBy(operation => operation.Record))
            Assert.True(Violation([.. register]) is not { } violation, $"seed {seed}, {keys[register.Key.Value]}: {Violation([.. register])}");

        async Task<long> WriteAsync(int how, RecordKey key, Fields fields)
        {
            NewRecord replacement = new(new float[2]) { Key = key, Fields = fields };
            switch (how)
            {
                case 0: return (await engine.UpsertAsync(replacement)).Receipt.SequenceNr;
                case 1: return (await engine.SetFieldsAsync(key, fields)).SequenceNr;
                case 2:
                    // The second command of a transaction finds what the first one made.
                    Transaction transaction = new(engine.Schema);
                    transaction.Upsert(replacement with { Fields = FieldsOf(-1) });
                    transaction.SetFields(key, fields);
                    return (await engine.TransactAsync(transaction)).Receipt.SequenceNr;
                default:
                    ChangedRecords changed = await engine.SetFieldsWhereAsync(Filter.Key(key.ToString()), fields);
                    Assert.Equal(1, changed.Count);
                    return changed.Receipt.SequenceNr;
            }
        }

        async Task<int> ReadAsync(int how, RecordKey key)
        {
            Filter filter = Filter.Key(key.ToString());
            switch (how)
            {
                case 0: return ValueOf((await engine.GetRecordAsync(key)).Fields);
                case 1: return ValueOf(Assert.Single((await engine.ListRecordsAsync(filter)).Records).Fields);
                case 2: return (int)Assert.Single((await engine.DistinctAsync(Field, filter)).Values).Value.AsInt64();
                default:
                    SearchQuery query = engine.QueryOf(new float[2], 1) with { Filter = filter, With = RecordParts.Fields };
                    return ValueOf(Assert.Single(await engine.SearchAsync(query)).Record!.Fields);
            }
        }

        static Fields FieldsOf(int value) => new FieldsBuilder { [Field] = value }.Build();

        static int ValueOf(Fields fields) => (int)fields[Field].AsInt64();
    }

    [Fact]
    public void The_checker_sees_stale_reads_reads_from_the_future_and_writes_out_of_order()
    {
        RecordId record = new(0);
        Operation first = new(record, true, 1, 10, 0, 5), second = new(record, true, 2, 11, 6, 9);
        Assert.Null(Violation([first, second, new Operation(record, false, 2, 0, 10, 11)]));
        Assert.Null(Violation([first, second, new Operation(record, false, 1, 0, 7, 11)]));
        Assert.NotNull(Violation([first, second, new Operation(record, false, 1, 0, 10, 11)]));
        Assert.NotNull(Violation([first, second, new Operation(record, false, 0, 0, 6, 7)]));
        Assert.NotNull(Violation([first, second, new Operation(record, false, 2, 0, 1, 3)]));
        Assert.NotNull(Violation([first with { SequenceNr = 12 }, second]));
        Assert.NotNull(Violation([first, second, new Operation(record, false, 2, 0, 7, 8), new Operation(record, false, 1, 0, 9, 12)]));
        Assert.NotNull(Violation([first, new Operation(record, false, 77, 0, 7, 8)]));
    }

    /// <summary>What contradicts that each operation took place at one moment between its start and its end; null where nothing does.</summary>
    private static string? Violation(Operation[] history)
    {
        Dictionary<int, Operation> writes = history.Where(operation => operation.IsWrite).ToDictionary(write => write.Value);
        // What every register holds at the beginning.
        writes.Add(0, new Operation(history[0].Record, true, 0, 0, long.MinValue, long.MinValue));
        long PlaceOf(Operation operation) => operation.IsWrite ? operation.SequenceNr : writes[operation.Value].SequenceNr;

        foreach (Operation operation in history)
        {
            if (!writes.TryGetValue(operation.Value, out Operation? write)) return $"{operation} saw what nobody wrote";
            if (write.Start > operation.End) return $"{operation} saw {write}, which had not begun";
            foreach (Operation earlier in history.Append(writes[0]))
            {
                if (earlier.End < operation.Start && PlaceOf(earlier) > PlaceOf(operation)) return $"{operation} is before {earlier}, which had ended";
            }
        }
        return null;
    }

    /// <param name="Value">Written by this write alone, or seen by this read; 0 for none.</param>
    /// <param name="SequenceNr">Of a write's event.</param>
    private sealed record Operation(RecordId Record, bool IsWrite, int Value, long SequenceNr, long Start, long End);
}
