using System.Reflection;
using Akka.Actor;
using Akka.TestKit;
using Microsoft.Data.Sqlite;
using Valori.Actors.Engine;
using Valori.Actors.Journal;
using Valori.Actors.Queries;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Actors.Tests.Engine;

/// <summary>A broken promise of the code stops the engine before it answers wrongly. Akka's failure messages do not survive serialization, hence off.</summary>
public sealed class InvariantTests() : EngineTestKit(FaultySqlJournal.Configuration + "\nakka.actor.serialize-messages = off")
{
    [Fact]
    public void A_view_whose_memory_changed_is_not_proven_and_whoever_asks_is_told()
    {
        ValoriKernel kernel = new(Dimension);
        kernel.Apply(kernel.Decide(Insert(1, 1, 2, 2)).Value!);
        History history = new();
        history.Extend(1, kernel.StateHash, kernel.Mark());
        DurableView view = new(kernel.TakeView(), history, 1, 1, history.Chain, 1, MemoryBytes: 0, IsInsideRestore: false);
        Overwrite(kernel, index: 1);

        TestProbe gateway = CreateTestProbe();
        ValoriSettings settings = new(Sys.Settings.Config);
        QueriedEngine engine = new("test", gateway.Ref, new JournalReader(Sys, settings, new MemoryBudget(0), "test"), Lanes: null!, new PublishedView(), Costly: null!);
        IActorRef query = gateway.ChildActorOf(Props.Create(() => new QueryActor(new QueryPool(1), isCostly: false, settings, Time)));
        query.Tell(new QueryWork(new ProveContent(ContentKind.Record, 0), view, TestActor, engine));
        EngineFailure failure = ExpectMsg<EngineFailure>();
        Assert.Equal(EngineFailureKind.Stopped, failure.Kind);
        Assert.Contains("an invariant of its code was broken: broken in Prove", failure.Message);
        Assert.IsType<InvariantException>(gateway.ExpectMsg<InvariantBroken>().Cause);
    }

    [Fact]
    public void A_broken_promise_stops_the_engine_for_good_says_why_and_leaves_a_file()
    {
        IActorRef gateway = Open();
        gateway.Tell(Insert(1, 1), TestActor);
        Receipt receipt = ExpectMsg<Receipt>();
        gateway.Tell(new InvariantBroken(new InvariantException("broken in Test: one == two")), TestActor);

        foreach (object request in new object[] { new GetStatus(), Insert(2, 2), new OpenEngine("test") })
        {
            gateway.Tell(request, TestActor);
            EngineFailure failure = ExpectMsg<EngineFailure>();
            Assert.Equal(EngineFailureKind.Stopped, failure.Kind);
            Assert.Contains("broken in Test: one == two", failure.Message);
        }
        string file = Assert.Single(Directory.GetFiles(DirectoryPath, "diagnostic-*"));
        Assert.Equal("diagnostic-test-20261124T000000.000000Z.txt", Path.GetFileName(file));
        string text = File.ReadAllText(file);
        Assert.Contains("broken in Test: one == two", text);
        Assert.Contains(receipt.StateHash.ToString(), text);
    }

    [Fact]
    public void A_journal_that_lost_what_was_acknowledged_is_not_served()
    {
        IActorRef gateway = Open();
        for (int i = 0; i < 3; i++)
        {
            gateway.Tell(Insert(i, i), TestActor);
            ExpectMsg<Receipt>();
        }
        Execute("DELETE FROM journal WHERE sequence_number = 4");
        // A failed write makes the engine read its journal again.
        Faults.Next(Fault.FailBeforeCommit);
        gateway.Tell(Insert(9, 9), TestActor);
        Assert.Equal(EngineFailureKind.OutcomeUnknown, ExpectMsg<EngineFailure>().Kind);
        AwaitAssert(() =>
        {
            gateway.Tell(new GetStatus(), TestActor);
            EngineFailure failure = ExpectMsg<EngineFailure>();
            Assert.Equal(EngineFailureKind.Stopped, failure.Kind);
            Assert.Contains("journal of valori-test at 4: expected events up to 4, which were acknowledged, found events up to 3", failure.Message);
        }, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(20));
    }

    private void Execute(string sql)
    {
        using SqliteConnection journal = new($"Data Source={Path.Combine(DirectoryPath, "journal.db")};Pooling=False");
        journal.Open();
        using SqliteCommand command = journal.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    /// <summary>What a stray write would do: a digest of the tree changes, and nobody notes it.</summary>
    private static void Overwrite(ValoriKernel kernel, ulong index)
    {
        object tables = typeof(ValoriKernel).GetField("_tables", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(kernel)!;
        object tree = tables.GetType().GetProperty("RecordTree")!.GetValue(tables)!;
        tree.GetType().GetMethod("Set")!.Invoke(tree, [index, Digest.Zero]);
    }
}
