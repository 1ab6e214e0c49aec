using System.Text.Json;
using Valori.Host.Tests.Support;
using Valori.Protocol;

namespace Valori.Host.Tests.Processes;

/// <summary>
/// <c>kill -9</c> again and again on one data directory, while several clients have commands of every kind in flight: write
/// groups of many commands, and snapshots that come by themselves.
/// </summary>
[Trait("Category", "Slow")]
public sealed class ConcurrentCrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Dimension = 8, Clients = 6, MostAnswersBeforeTheKill = 300;
    private const string Notes = "/v1/collections/notes";
    private static readonly int Rounds = CrashRounds.Count(8), Seed = CrashRounds.Seed;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killed_amid_commands_of_several_clients_each_is_there_completely_or_not_at_all_and_acknowledged_ones_are()
    {
        int round = 0, there = 0, unanswered = 0;
        string Place() => $"seed {Seed}, round {round}";
        string config = _directory.File("test.conf");
        await File.WriteAllTextAsync(config, "valori.snapshots.after-journal-bytes = 50000");
        Random random = new(Seed);
        Ledger ledger = new(Dimension, Place);
        CrashClient[] clients = [.. Enumerable.Range(MixedCommands.FirstOwner, Clients).Select(owner => new CrashClient(new MixedCommands(Seed + owner, Dimension, (byte)owner), Notes))];
        for (; round <= Rounds; round++)
        {
            await using RunningService service = await RunningService.StartAsync(_directory.File("data"), "--config", config);
            if (round == 0) await service.DoneAsync(HttpMethod.Put, Notes, $$"""{"dimension":{{Dimension}}}""");
            unanswered += clients.Count(client => client.Unanswered is { } command && command != MixedCommands.Save);
            there += await SettleAsync(service, clients, ledger, Place());
            Assert.Equal(ledger.StateHash, ledger.StateHashOfFreshKernel());
            if (round == Rounds) break;

            int killAfter = random.Next(1, MostAnswersBeforeTheKill), answered = 0;
            await Task.WhenAll(clients.Select(client => client.SendAsync(service, () =>
            {
                if (Interlocked.Increment(ref answered) == killAfter) service.Process.Kill();
            })));
            Assert.True(answered >= killAfter, $"{Place()}: the service was gone after {answered} answers: {service.Process.Error}");
        }
        output.WriteLine($"{Place()}: {ledger.CarriedOut} commands, {ledger.Model.Records.Count} records; of {unanswered} without an answer {there} were there");
    }

    /// <summary>
    /// Finds out which of the commands without an answer were carried out, and compares content and state hash with what
    /// they and the acknowledged ones lead to; returns how many they were.
    /// </summary>
    private static async Task<int> SettleAsync(RunningService service, CrashClient[] clients, Ledger ledger, string place)
    {
        FoundContent found = new(service, Notes);
        KnownIds known = new();
        foreach ((Command command, CreatedIds created) in clients.SelectMany(client => client.Answered)) known.Add(command, created);
        int there = 0;
        foreach (CrashClient client in clients)
        {
            CreatedIds? created = await found.FindAsync(client, known, ledger.Model);
            if (created is not null) there++;
            if (client.Unanswered is { } command) known.AddChanged(command);
            client.Settle(created);
        }
        int records = ledger.Model.Records.Count, nodes = ledger.Model.Nodes.Count, edges = ledger.Model.Edges.Count;
        AddInOrderOfIds(clients, ledger, place);
        await found.AssertEqualsAsync(
            ledger.Model,
            IdsFrom(records, ledger.Model.Records.Count).Union(known.ChangedRecords).Union(clients.SelectMany(client => client.RecordsWithFields)),
            IdsFrom(nodes, ledger.Model.Nodes.Count).Union(known.ChangedNodes),
            IdsFrom(edges, ledger.Model.Edges.Count).Union(known.ChangedEdges), place);
        JsonElement status = await found.StatusAsync();
        Assert.True(status.GetProperty("state_hash").GetString() == ledger.StateHash, $"{place}: the state hash should be {ledger.StateHash}: {status}");
        foreach (ReceiptText acknowledged in clients.Select(client => client.LastReceipt).OfType<ReceiptText>())
        {
            string query = $"from={acknowledged.Place.SequenceNr}&to={status.GetProperty("sequence_nr")}";
            Receipts.AssertExtends(acknowledged, status, await service.DoneAsync(HttpMethod.Get, $"{Notes}/history/proof?{query}"), place);
        }
        return there;
    }

    /// <summary>Carries out what all clients sent, each client's commands in its order, in one order that leads to the ids that were answered.</summary>
    private static void AddInOrderOfIds(CrashClient[] clients, Ledger ledger, string place)
    {
        while (clients.Any(client => client.Answered.Count > 0))
        {
            // Documents last: their answers do not say the ids of their edges. Everything else has its place by its ids, so nothing that comes before a document is left.
            CrashClient next = clients.Where(client => client.Answered.Count > 0)
                .OrderBy(client => client.Answered.Peek().Command is PutDocument)
                .FirstOrDefault(client => IsNext(client.Answered.Peek().Created, ledger.Model))
                ?? throw new InvalidOperationException($"{place}: no order of the acknowledged commands gives the ids that they were answered with; "
                    + string.Join("; ", clients.Where(client => client.Answered.Count > 0).Select(client => client.Answered.Peek())));
            ledger.Add(next.Answered.Dequeue().Command);
        }
    }

    private static bool IsNext(CreatedIds created, PlainModel model) =>
        (created.Records is not [var record, ..] || record == (ulong)model.Records.Count)
        && (created.Node is not { } node || node == (ulong)model.Nodes.Count)
        && (created.Chunks is not [var chunk, ..] || chunk == (ulong)model.Nodes.Count + (created.Node is null ? 0UL : 1))
        && (created.Edge is not { } edge || edge == (ulong)model.Edges.Count);

    private static IEnumerable<ulong> IdsFrom(int first, int end) => Enumerable.Range(first, end - first).Select(id => (ulong)id);
}
