using Akka.Actor;
using Akka.Persistence;
using Akka.TestKit;
using Valori.Actors.Entries;
using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Plugins;

/// <summary>
/// What Akka.Persistence asks of a journal, in its own messages: the cases of its test kit for plugins (Akka.Persistence.TCK, JournalSpec),
/// and what Valori's journal refuses although that kit allows it.
/// </summary>
public abstract class JournalPluginTests(Backend backend) : JournalPluginKit(backend)
{
    [SkippableTheory]
    [InlineData(1, long.MaxValue, long.MaxValue, "1 2 3 4 5")]
    [InlineData(0, long.MaxValue, long.MaxValue, "1 2 3 4 5")]
    [InlineData(3, long.MaxValue, long.MaxValue, "3 4 5")]
    [InlineData(1, 3, long.MaxValue, "1 2 3")]
    [InlineData(1, long.MaxValue, 3, "1 2 3")]
    [InlineData(2, 3, long.MaxValue, "2 3")]
    [InlineData(2, 5, 2, "2 3")]
    [InlineData(2, 2, long.MaxValue, "2")]
    [InlineData(2, 4, 1, "2")]
    [InlineData(2, 2, 1, "2")]
    [InlineData(2, 4, 0, "")]
    [InlineData(3, 2, long.MaxValue, "")]
    public void A_replay_sends_what_is_in_its_bounds_and_then_the_highest_sequence_number(long from, long to, long maximum, string expected) =>
        Assert.Equal((expected, 5), Replay(from, to, maximum));

    /// <summary>Where a replay begins bounds the search for the highest number too.</summary>
    [SkippableFact]
    public void A_replay_from_beyond_the_last_event_sends_nothing() => Assert.Equal(("", 0), Replay(6));

    [SkippableFact]
    public void An_engine_that_has_not_written_has_no_events_and_the_sequence_number_0() =>
        Assert.Equal(("", 0), Replay(0, long.MaxValue, long.MaxValue, "valori-other"));

    [SkippableFact]
    public void An_event_comes_back_as_it_was_written()
    {
        TestProbe probe = CreateTestProbe();
        Journal.Tell(new ReplayMessages(4, 4, long.MaxValue, Id, probe), ActorRefs.NoSender);
        IPersistentRepresentation event4 = probe.ExpectMsg<ReplayedMessage>(Patience).Persistent;
        Assert.Equal((Id, 4L, false), (event4.PersistenceId, event4.SequenceNr, event4.IsDeleted));
        Assert.Equal(Record(Id, 4).Payload, Assert.IsType<JournalRecord>(event4.Payload).Payload);
    }

    [SkippableFact]
    public void A_write_is_answered_event_by_event_with_what_was_sent()
    {
        TestProbe probe = CreateTestProbe();
        AtomicWrite write = Entries(6, 7);
        Journal.Tell(new WriteMessages([write], probe, Instance), ActorRefs.NoSender);
        probe.ExpectMsg<WriteMessagesSuccessful>(Patience);
        foreach (IPersistentRepresentation sent in (IEnumerable<IPersistentRepresentation>)write.Payload)
        {
            WriteMessageSuccess success = probe.ExpectMsg<WriteMessageSuccess>(Patience);
            Assert.Equal((sent.SequenceNr, Id, Instance), (success.Persistent.SequenceNr, success.Persistent.PersistenceId, success.ActorInstanceId));
            Assert.Same(sent.Payload, success.Persistent.Payload);
        }
        Assert.Equal(("6 7", 7), Replay(6));
    }

    [SkippableFact]
    public void Engines_have_their_events_for_themselves()
    {
        Assert.IsType<WriteMessageSuccess>(Assert.Single(Write(Entries("valori-other", 1))));
        Assert.Equal(("1", 1), Replay(1, long.MaxValue, long.MaxValue, "valori-other"));
        Delete(1, "valori-other");
        Assert.Equal(("1 2 3 4 5", 5), Replay(1));
    }

    [SkippableTheory]
    [InlineData(3, "4 5")]
    [InlineData(5, "")]
    [InlineData(long.MaxValue, "")]
    public void Deleted_events_are_not_replayed_and_the_sequence_number_stays_also_after_a_start(long to, string left)
    {
        Delete(to);
        Assert.Equal((left, 5), Replay(0));
        // Up to less than before: nothing comes back.
        Delete(2);
        Assert.Equal((left, 5), Replay(0));
        StartAgain();
        Assert.Equal((left, 5), Replay(0));
    }

    [SkippableFact]
    public void A_deletion_up_to_0_deletes_nothing()
    {
        Delete(0);
        Delete(long.MaxValue, "valori-other");
        Assert.Equal(("1 2 3 4 5", 5), Replay(0));
    }

    [SkippableFact]
    public void The_last_deleted_event_can_be_read_by_itself_for_a_snapshot_of_it_to_be_compared()
    {
        Delete(3);
        Assert.Equal(("3", 5), Replay(3, 3, 1));
        Assert.Equal(("", 5), Replay(3, 3, long.MaxValue));
        Assert.Equal(("", 5), Replay(2, 2, 1));
    }

    /// <summary>The kit writes on after it has deleted everything. An engine keeps at least its last event, and what follows is proven by that.</summary>
    [SkippableFact]
    public void Nothing_is_written_after_an_event_that_was_deleted()
    {
        Delete(long.MaxValue);
        IsRejected("journal of valori-plugin at 5: expected the last event, which was acknowledged, found no such row", Write(Entries(6)));
        Assert.Equal(("", 5), Replay(0));
    }

    /// <summary>The kit's journals write what can be written of a batch. Valori's events follow each other, so it is all or nothing.</summary>
    [SkippableFact]
    public void Of_a_batch_with_an_event_that_does_not_follow_nothing_is_written()
    {
        IsRejected("journal of valori-plugin at 8", Write(Entries(6), Entries(7, 9), Entries(10)));
        Assert.Equal(("1 2 3 4 5", 5), Replay(1));
        Assert.IsType<WriteMessageSuccess>(Assert.Single(Write(Entries(6))));
    }

    [SkippableFact]
    public void A_gap_is_refused()
    {
        IsRejected("journal of valori-plugin at 6: expected the last event, which was acknowledged, found no such row", Write(Entries(7)));
        Assert.Equal(("1 2 3 4 5", 5), Replay(1));
    }

    [SkippableFact]
    public void An_event_of_another_history_is_refused()
    {
        Persistent stranger = new(Record("valori-other", 6), 6, Id);
        IsRejected("the journal holds another history", Write(new AtomicWrite(stranger)));
        Assert.Equal(("1 2 3 4 5", 5), Replay(1));
    }

    [SkippableFact]
    public void A_sequence_number_that_is_taken_fails_and_what_is_there_stays()
    {
        Assert.IsType<WriteMessageFailure>(Assert.Single(Write(Entries(5))));
        Assert.Equal(("1 2 3 4 5", 5), Replay(1));
        Assert.IsType<WriteMessageSuccess>(Assert.Single(Write(Entries(6))));
    }

    /// <summary>The kit's events are anything that has a serializer. As often as it would open the circuit breaker if it were a failure.</summary>
    [SkippableFact]
    public void What_is_not_an_engine_s_is_rejected_by_its_type_and_holds_up_nobody()
    {
        for (int i = 0; i < 20; i++)
            IsRejected("this journal stores only Valori engines, not String", Write(Entries(6), new AtomicWrite(new Persistent("a-7", 7, Id))));
        Assert.IsType<WriteMessageSuccess>(Assert.Single(Write(Entries(6))));
        Assert.Equal(("1 2 3 4 5 6", 6), Replay(1));
    }

    private static void IsRejected(string why, IReadOnlyList<object> answers) =>
        Assert.All(answers, answer => Assert.Contains(why, Assert.IsType<WriteMessageRejected>(answer).Cause.Message));
}

public sealed class JournalPluginOnSqliteTests() : JournalPluginTests(new SqliteBackend());

public sealed class JournalPluginOnPostgreSqlTests() : JournalPluginTests(new PostgreSqlBackend());
