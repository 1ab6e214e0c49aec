using System.Text.RegularExpressions;
using Akka.Actor;
using Microsoft.Data.Sqlite;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Kernel.Vectors;

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
        await Compare(engine => engine.Gateway.Ask<Protocol.Receipt>(put), CommandDigest.Of(put).ToString());
    }

    private async Task Compare(Func<ValoriEngine, Task> command, params string[] more)
    {
        string[] written;
        ValoriOptions options = new() { Dimension = 8, Time = new ManualTime() };
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, options))
        {
            string empty = (await engine.GetStateHashAsync()).ToString();
            await command(engine);
            Protocol.EngineStatus status = await engine.StatusAsync();
            string snapshot = Convert.ToHexStringLower(await File.ReadAllBytesAsync(await engine.SaveAsync()));
            // Levels 2 to 62 of the frontier are zeros that the description does not print.
            Range zeros = (2 * (96 + 2 * 32))..(2 * (96 + 63 * 32));
            Assert.Equal("", snapshot[zeros].Trim('0'));
            written = [empty, status.StateHash.ToString(), status.Chain.ToString(), status.HistoryRoot.ToString(), snapshot[..zeros.Start.Value], snapshot[zeros.End.Value..]];
        }

        string description = WhiteSpace().Replace(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "formats.md")), "");
        Assert.All([.. written, .. ReadJournal(), .. more], hex => Assert.Contains(hex, description));
    }

    private List<string> ReadJournal()
    {
        using SqliteConnection journal = new($"Data Source={_directory.File("journal.db")};Pooling=False");
        journal.Open();
        using SqliteCommand command = journal.CreateCommand();
        command.CommandText = "SELECT lower(hex(message)) FROM journal ORDER BY sequence_number";
        using SqliteDataReader rows = command.ExecuteReader();
        List<string> messages = [];
        while (rows.Read()) messages.Add(rows.GetString(0));
        Assert.Equal(2, messages.Count);
        return messages;
    }

    [GeneratedRegex(@"\s")]
    private static partial Regex WhiteSpace();
}
