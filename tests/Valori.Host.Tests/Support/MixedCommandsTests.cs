using System.Text.Json;
using Valori.Host.Operations;
using Valori.Kernel.Commands;
using Valori.Protocol;

namespace Valori.Host.Tests.Support;

/// <summary>The crash tests know the kinds of command by hand. A kind that they do not know, and do not say so, fails here, by its name.</summary>
public sealed class MixedCommandsTests(ITestOutputHelper output)
{
    private const int Seed = 1, Dimension = 3, Rounds = 1_000;

    [Fact]
    public void Every_kind_of_command_is_carried_out_by_the_model_and_has_a_line_and_a_request()
    {
        output.WriteLine($"seed {Seed}");
        Ledger ledger = new(Dimension, () => $"seed {Seed}");
        MixedCommands commands = new(Seed, Dimension, owner: 1);
        HashSet<string> seen = [];
        for (int round = 0; round < Rounds; round++)
        {
            if (commands.Next() is var command && command != MixedCommands.Save) Take(command);
            commands.KnowAllOf(ledger.Model);
            commands.Keys.Clear();
            foreach (string key in ledger.Model.Records.Select(record => record.Key).OfType<string>().Distinct())
                if (ledger.Model.IdOf(key) is { } id) commands.Keys[key] = id.Value;
        }
        Assert.Contains(ledger.Model.Edges, edge => !edge.IsDeleted);
        // One more than there are: it is refused.
        for (ulong id = 0, end = (ulong)ledger.Model.Edges.Count; id <= end; id++) Take(new DeleteEdge(new EdgeId(id)));
        Assert.All(ledger.Model.Edges, edge => Assert.True(edge.IsDeleted));
        Assert.Equal(
            CommandKinds.All.Where(kind => !kind.IsOfEngine).Select(kind => kind.CommandType.Name).Order(StringComparer.Ordinal),
            seen.Order(StringComparer.Ordinal));
        Assert.Equal(ledger.StateHash, ledger.StateHashOfFreshKernel());

        void Take(Command command)
        {
            // It compares the model with the kernel.
            Assert.NotNull(ledger.Add(command));
            string op = JsonDocument.Parse(CommandText.Line(command)).RootElement.GetProperty("op").GetString()!;
            Operation operation = Assert.Single(OperationTable.All, known => known.Name == op);
            Assert.Equal(OperationKind.Write, operation.Kind);
            (HttpMethod method, string path, _) = CommandText.Request(command);
            Assert.StartsWith($"{method} /{path.Split('/')[1]}", operation.Route);
            seen.Add(command.GetType().Name);
        }
    }
}
