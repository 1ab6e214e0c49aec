using Akka.Actor;
using Akka.Persistence;
using Valori.Actors.Entries;

namespace Valori.Actors.Tests.Journal;

/// <summary>The journal as the engine's recovery sees it.</summary>
public sealed class SqlJournalTests() : EngineTestKit($$"""
    {{FaultySqlJournal.Configuration}}
    valori.journal.replay-bytes = {{ReplayBytes}}
    """)
{
    private const int ReplayBytes = 4_000, Rows = 100;

    [Fact]
    public void It_reads_no_further_than_its_bytes_until_the_engine_has_taken_some()
    {
        IActorRef gateway = Open();
        for (int i = 1; i < Rows; i++)
        {
            gateway.Tell(Insert(i, i), TestActor);
            ExpectMsg<Receipt>();
        }
        IActorRef journal = Persistence.Instance.Apply(Sys).JournalFor("valori.journal");
        journal.Tell(new ReplayMessages(1, long.MaxValue, long.MaxValue, "valori-test", TestActor));

        Queue<JournalRecord> waiting = [];
        long bytes = 0, most = 0;
        int idle = 0;
        for (long next = 1; next <= Rows;)
        {
            if (ReceiveOne(TimeSpan.FromMilliseconds(100)) is ReplayedMessage replayed)
            {
                Assert.Equal(next++, replayed.Persistent.SequenceNr);
                waiting.Enqueue((JournalRecord)replayed.Persistent.Payload);
                bytes += waiting.Last().Payload.Length;
                most = Math.Max(most, bytes);
                continue;
            }
            // Nothing more comes by itself, or the machine is slow: at least one row comes whatever was taken.
            Assert.True(++idle < 300, $"{next - 1} of {Rows} rows came");
            while (waiting.TryDequeue(out JournalRecord? taken)) taken.Window!.Taken(taken.Payload.Length);
            bytes = 0;
        }
        ExpectMsg<RecoverySuccess>();
        Assert.InRange(most, ReplayBytes / 4, ReplayBytes);
    }
}
