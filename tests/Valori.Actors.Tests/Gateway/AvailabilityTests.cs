using Valori.Actors.Gateway;
using Valori.Protocol;

namespace Valori.Actors.Tests.Gateway;

public sealed class AvailabilityTests
{
    private readonly Availability _notes = new("notes");

    [Fact]
    public void An_engine_is_absent_then_checked_then_recovering_then_ready()
    {
        Assert.IsType<Availability.State.Absent>(_notes.Now);
        _notes.BeginCheck();
        Assert.IsType<Availability.State.Checking>(_notes.Now);
        _notes.EndCheck(200);
        Assert.IsType<Availability.State.Absent>(_notes.Now);
        _notes.StartEngine();
        Assert.Equal(new Availability.State.Recovering(null), _notes.Now);
        _notes.RecoverTo(50);
        Assert.Equal(new Availability.State.Recovering(50), _notes.Now);
        Assert.Equal(EngineFailureKind.Recovering, _notes.Failure!.Kind);
        _notes.BecomeReady();
        Assert.IsType<Availability.State.Ready>(_notes.Now);
        Assert.Null(_notes.Failure);
    }

    [Fact]
    public void While_it_recovers_the_answer_says_how_far_it_is_and_what_went_wrong()
    {
        Assert.Equal("collection 'notes' is recovering; nothing was done, try again", _notes.Recovering.Message);
        _notes.EndCheck(200);
        _notes.StartEngine();
        Assert.Equal("", _notes.Progress);
        _notes.RecoverTo(50);
        _notes.Fail("the disk is full");
        Assert.Equal("collection 'notes' is recovering 25%, event 50 of 200 (the disk is full); nothing was done, try again", _notes.Failure!.Message);
        // More than the check saw: no share can be told.
        _notes.RecoverTo(201);
        Assert.Equal("", _notes.Progress);
    }

    [Fact]
    public void An_engine_that_is_lost_recovers_and_what_it_published_counts_as_known()
    {
        BecomeReady(lastSequenceNr: 3);
        _notes.Fail("a write failed");
        _notes.LoseEngine(published: 40);
        Assert.Equal(new Availability.State.Recovering(null), _notes.Now);
        _notes.RecoverTo(10);
        Assert.Equal(" 25%, event 10 of 40", _notes.Progress);
        Assert.Equal("a write failed", _notes.LastFault);
        _notes.BecomeReady();
        Assert.Null(_notes.LastFault);
    }

    [Fact]
    public void Without_a_supervisor_nothing_is_on_its_way()
    {
        BecomeReady(lastSequenceNr: 3);
        _notes.LoseEngine(3);
        _notes.LoseSupervisor();
        Assert.IsType<Availability.State.Absent>(_notes.Now);
    }

    [Fact]
    public void What_comes_late_from_an_engine_that_is_gone_changes_nothing()
    {
        _notes.RecoverTo(5);
        _notes.BecomeReady();
        _notes.LoseEngine(7);
        Assert.IsType<Availability.State.Absent>(_notes.Now);
        _notes.BeginCheck();
        _notes.BecomeReady();
        _notes.LoseSupervisor();
        _notes.StartEngine();
        Assert.IsType<Availability.State.Checking>(_notes.Now);
    }

    [Fact]
    public void A_stop_for_good_is_never_left_and_says_why()
    {
        BecomeReady(lastSequenceNr: 3);
        _notes.StopForGood("the journal is damaged", isOfJournal: false);
        Everything();
        Assert.Equal(new Availability.State.Stopped("the journal is damaged", IsOfJournal: false, IsLeaving: false), _notes.Now);
        Assert.Equal(new EngineFailure(EngineFailureKind.Stopped, "the journal is damaged"), _notes.Failure);
        _notes.Leave();
        Assert.Equal(new EngineFailure(EngineFailureKind.Stopped, "the journal is damaged"), _notes.Failure);
        Assert.True(_notes is { IsLeaving: true, IsStoppedForGood: true });
    }

    [Fact]
    public void A_stop_is_left_only_for_a_stop_for_good()
    {
        BecomeReady(lastSequenceNr: 3);
        _notes.Leave();
        Everything();
        Assert.Equal(new EngineFailure(EngineFailureKind.Stopped, "collection 'notes' is stopping"), _notes.Failure);
        Assert.True(_notes is { IsLeaving: true, IsStoppedForGood: false });
        _notes.StopForGood("no journal", isOfJournal: true);
        Assert.Equal(new Availability.State.Stopped("no journal", IsOfJournal: true, IsLeaving: true), _notes.Now);
    }

    [Fact]
    public void A_gateway_that_starts_again_begins_anew_and_forgets_no_stop()
    {
        BecomeReady(lastSequenceNr: 3);
        _notes.Fail("its gateway failed");
        _notes.RestartGateway();
        Assert.IsType<Availability.State.Absent>(_notes.Now);
        Assert.Null(_notes.LastFault);
    }

    private void BecomeReady(long lastSequenceNr)
    {
        _notes.BeginCheck();
        _notes.EndCheck(lastSequenceNr);
        _notes.StartEngine();
        _notes.BecomeReady();
    }

    /// <summary>All that may happen to an engine, but that it is told to stop.</summary>
    private void Everything()
    {
        _notes.LoseEngine(3);
        _notes.LoseSupervisor();
        _notes.BeginCheck();
        _notes.EndCheck(9);
        _notes.StartEngine();
        _notes.RecoverTo(4);
        _notes.BecomeReady();
        _notes.RestartGateway();
    }
}
