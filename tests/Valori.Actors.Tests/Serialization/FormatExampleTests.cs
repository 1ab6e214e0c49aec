using System.Text.RegularExpressions;
using Akka.Actor;
using Microsoft.Data.Sqlite;
using Valori.Actors.State;
using Valori.Protocol;

namespace Valori.Actors.Tests.Serialization;

/// <summary>The example of docs/formats.md is what an engine writes, byte for byte. If this fails, old data cannot be read.</summary>
public sealed partial class FormatExampleTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public Task The_example_of_the_format_description_is_what_an_engine_writes() =>
        Compare(engine => engine.InsertAsync(new float[] { 0.25f, -0.125f, 0, 0, 0, 0, 0, 0 }, tag: 7));

    [Fact]
    public async Task The_example_with_attributes_is_what_an_engine_writes()
    {
        Fields fields = new FieldsBuilder { ["user"] = "ada", ["topics"] = new[] { "tea", "time" }, ["score"] = 0.5, ["at"] = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero) }.Build();
        PutRecords put = new(
            VectorBlock.FromComponents(8, [0.25f, -0.125f, 0, 0, 0, 0, 0, 0]).Value!, new ulong[] { 7 },
            [new RecordAttributes { Key = "memory-1", Fields = fields, ExpiresAtUnixMicroseconds = 1_795_564_800_000_000 }]);
        await Compare(engine => engine.Gateway.Ask<Valori.Receipt>(put), CommandDigest.Of(put).ToString());
    }

    [Fact]
    public Task The_example_with_attributes_in_the_graph_is_what_an_engine_writes()
    {
        Fields ada = Name("ada");
        Command[] commands =
        [
            new PutNode(NodeKind.Document, null, ada), new PutNode(NodeKind.Document, null, Name("tea")),
            new PutEdge(new NodeId(0), new NodeId(1), new EdgeKind(100), new FieldsBuilder { ["source"] = "note" }.Build(), new ValidTime(1_795_478_400_000_000, null)),
            new SetEdgeValidTime(new EdgeId(0), new ValidTime(null, 1_795_564_800_000_000)),
        ];
        Command[] digested = [commands[0], commands[2], commands[3], SetNodeFields.Merge(new NodeId(0), ada)];
        return Compare(Send, 5, 3, [.. digested.Select(command => CommandDigest.Of(command).ToString())]);

        static Fields Name(string name) => new FieldsBuilder { ["name"] = name }.Build();

        async Task Send(ValoriEngine engine)
        {
            foreach (Command command in commands) await engine.Gateway.Ask<Valori.Receipt>(command);
        }
    }

    [Fact]
    public async Task The_example_with_a_transaction_is_what_an_engine_writes()
    {
        Transact transaction = new([
            new(new InsertRecords(VectorBlock.FromComponents(8, [0.25f, -0.125f, 0, 0, 0, 0, 0, 0]).Value!, new ulong[] { 7 })),
            new(new CreateNode(NodeKind.Chunk, new RecordId(0)), [new Reference(2, 0)]),
            new(new CreateNode(NodeKind.Document, null)),
            new(new CreateEdge(new NodeId(0), new NodeId(0), EdgeKind.ParentOf), [new Reference(1, 2), new Reference(2, 1)]),
        ]);
        await Compare(engine => engine.Gateway.Ask<Valori.Receipt>(transaction), [.. transaction.Parts.Select(part => CommandDigest.Of(part.Command).ToString()), CommandDigest.Of(transaction).ToString()]);
    }

    [Fact]
    public async Task The_example_with_documents_is_what_an_engine_writes()
    {
        PutDocument put = new(
            "tea", NodeKind.Document, new FieldsBuilder { ["title"] = "On tea" }.Build(), VectorBlock.FromComponents(8, [0.25f, -0.125f, 0, 0, 0, 0, 0, 0]).Value!, new ulong[] { 7 },
            [new RecordAttributes { Key = "tea#0" }]);
        PutDocument again = put with { Fields = Fields.Empty, Attributes = [RecordAttributes.None], NextChunk = new EdgeKind(9), Replace = true };
        DeleteDocument delete = new((RecordKey)"tea");
        Command[] commands = [put, again, put with { Key = "milk" }, delete];
        await Compare(Send, 5, 3, [.. new Command[] { put, again, delete }.Select(command => CommandDigest.Of(command).ToString())]);

        async Task Send(ValoriEngine engine)
        {
            foreach (Command command in commands) await engine.Gateway.Ask<Valori.Receipt>(command);
        }
    }

    [Fact]
    public async Task The_example_of_steps_and_of_an_expiry_is_what_an_engine_writes()
    {
        SetFieldsWhere set = new(Filter.Tag(7), 0, 1_000, FieldsMode.Merge, new FieldsBuilder { ["read"] = true }.Build(), []);
        DeleteWhere delete = new(Filter.Eq("read", true), 0, 1);
        SetExpiry expiry = new(new RecordId(1), 1_795_478_400_000_000);
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 8, Time = new ManualTime() }))
        {
            await engine.InsertBatchAsync([new float[8], new float[8]], [7, 7]);
            foreach (Command command in new Command[] { set, delete, expiry }) await engine.Gateway.Ask<Valori.Receipt>(command);
            // Its time has come already.
            for (DateTime end = DateTime.UtcNow.AddSeconds(30); await engine.RecordCountAsync() > 0;)
            {
                Assert.True(DateTime.UtcNow < end, "the record did not expire in time");
                await Task.Yield();
            }
        }
        string description = Description();
        string[] digests = [.. new Command[] { set, delete, expiry }.Select(command => CommandDigest.Of(command).ToString())];
        string[] shown = [.. ReadJournal(6).Skip(2), .. digests];
        Assert.All(shown, hex => Assert.Contains(hex, description));
    }

    private static string Description() => WhiteSpace().Replace(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "formats.md")), "");

    private Task Compare(Func<ValoriEngine, Task> command, params string[] more) => Compare(command, 2, 2, more);

    /// <param name="events">That there are then.</param>
    /// <param name="shownLevels">Of the snapshot's frontier; the others are zeros that the description does not print.</param>
    private async Task Compare(Func<ValoriEngine, Task> command, int events, int shownLevels, string[] more)
    {
        string[] written;
        ValoriOptions options = new() { Dimension = 8, Time = new ManualTime() };
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, options))
        {
            string empty = (await engine.GetStateHashAsync()).ToString();
            await command(engine);
            Valori.EngineStatus status = await engine.StatusAsync();
            string snapshot = Convert.ToHexStringLower(await File.ReadAllBytesAsync(await engine.SaveAsync()));
            Range zeros = (2 * (96 + shownLevels * 32))..(2 * (96 + 63 * 32));
            Assert.Equal("", snapshot[zeros].Trim('0'));
            written = [empty, status.StateHash.ToString(), status.Chain.ToString(), status.HistoryRoot.ToString(), snapshot[..zeros.Start.Value], snapshot[zeros.End.Value..]];
        }

        string description = Description();
        Assert.All([.. written, .. ReadJournal(events), .. more], hex => Assert.Contains(hex, description));
    }

    private List<string> ReadJournal(int events)
    {
        using SqliteConnection journal = new($"Data Source={_directory.File("journal.db")};Pooling=False");
        journal.Open();
        using SqliteCommand command = journal.CreateCommand();
        command.CommandText = "SELECT lower(hex(message)) FROM journal ORDER BY sequence_number";
        using SqliteDataReader rows = command.ExecuteReader();
        List<string> messages = [];
        while (rows.Read()) messages.Add(rows.GetString(0));
        Assert.Equal(events, messages.Count);
        return messages;
    }

    [GeneratedRegex(@"\s")]
    private static partial Regex WhiteSpace();
}
