using Akka.Actor;
using Valori.Actors.Settings;
using Valori.Protocol;

namespace Valori.Actors.Tests.Journal;

/// <summary>A journal that fails, rejects and is late. Akka's own failure messages do not survive serialization, hence off.</summary>
public abstract class JournalFaultTests(string journal) : EngineTestKit(journal + "\nakka.actor.serialize-messages = off")
{
    [SkippableTheory]
    [InlineData(Fault.FailBeforeCommit, 1)]
    [InlineData(Fault.FailAfterCommit, 3)]
    [InlineData(Fault.Reject, 1)]
    public void A_failed_write_tells_every_waiting_caller_that_the_outcome_is_unknown_and_the_engine_recovers(Fault fault, int recordsAfter)
    {
        IActorRef gateway = Open();
        gateway.Tell(Insert(1, 1), TestActor);
        Receipt acknowledged = ExpectMsg<Receipt>();

        Faults.Hold();
        Faults.Next(fault);
        gateway.Tell(Insert(2, 2, 3, 3), TestActor);            // on its way when the fault strikes
        AwaitAssert(() => Assert.Equal(3, Faults.Writes.Count));
        gateway.Tell(Insert(4, 4), TestActor);                  // decided, waiting for the write before it
        gateway.Tell(new DeleteRecord(new RecordId(77)), TestActor);
        EngineStatus published = Status(gateway);
        Faults.Release();

        for (int i = 0; i < 3; i++)
        {
            EngineFailure failure = ExpectMsg<EngineFailure>();
            Assert.Equal(EngineFailureKind.OutcomeUnknown, failure.Kind);
            Assert.Contains("the outcome is unknown", failure.Message);
        }
        Assert.Equal(acknowledged.StateHash, published.StateHash);

        EngineStatus recovered = StatusAfterRecovery(gateway);
        Assert.Equal((ulong)recordsAfter, recovered.RecordCount);
        if (recordsAfter == 1) Assert.Equal(acknowledged.StateHash, recovered.StateHash);

        gateway.Tell(Insert(9, 9), TestActor);
        Receipt next = ExpectMsg<Receipt>();
        Assert.Equal((ulong)recordsAfter, next.FirstId);
        Assert.Equal(recovered.SequenceNr + 1, next.SequenceNr);
    }

    [SkippableFact]
    public void Commands_that_shared_an_event_are_all_there_after_a_recovery()
    {
        IActorRef gateway = Open();
        Faults.Hold();
        gateway.Tell(Insert(1, 1), TestActor);
        AwaitAssert(() => Assert.Equal(2, Faults.Writes.Count));
        gateway.Tell(Insert(2, 2), TestActor);
        gateway.Tell(new SetMetadata(new RecordId(0), new byte[] { 1 }), TestActor);
        gateway.Tell(new DeleteRecord(new RecordId(1)), TestActor);
        Status(gateway);
        Faults.Release();
        for (int i = 0; i < 4; i++) ExpectMsg<Receipt>();
        EngineStatus status = Status(gateway);
        Assert.Equal(3, status.SequenceNr);

        Faults.Next(Fault.FailBeforeCommit);
        gateway.Tell(Insert(3, 3), TestActor);
        ExpectMsg<EngineFailure>();
        Assert.Equal(status, StatusAfterRecovery(gateway));
    }

    [SkippableFact]
    public void Queries_go_on_from_what_is_durable_while_the_engine_recovers()
    {
        IActorRef gateway = Open();
        gateway.Tell(Insert(1, 1), TestActor);
        ExpectMsg<Receipt>();
        Faults.Next(Fault.FailBeforeCommit);
        gateway.Tell(Insert(2, 2), TestActor);
        ExpectMsg<EngineFailure>();
        Assert.Equal(1UL, Status(gateway).RecordCount);
        Assert.Equal(1UL, StatusAfterRecovery(gateway).RecordCount);
    }
}

public sealed class JournalFaultInMemoryTests() : JournalFaultTests("");

public sealed class JournalFaultOnSqliteTests() : JournalFaultTests(FaultySqlJournal.Configuration);

public sealed class JournalFaultOnPostgreSqlTests : JournalFaultTests
{
    private readonly PostgreSqlDatabase _database;

    public JournalFaultOnPostgreSqlTests()
        : this(new PostgreSqlDatabase())
    {
    }

    private JournalFaultOnPostgreSqlTests(PostgreSqlDatabase database)
        : base($"""
            {HoconFile.Text("postgresql.conf")}
            valori.journal.connection-string = {ReferenceConfig.Quote(database.ConnectionString)}
            {FaultySqlJournal.Configuration}
            """) => _database = database;

    protected override void AfterAll()
    {
        base.AfterAll();
        _database.Dispose();
    }
}
