using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Valori.Actors.Files;
using Valori.Actors.Journal;
using Valori.Actors.Rows;
using Valori.Actors.Settings;
using Valori.Actors.Text;

namespace Valori.Actors.Gateway;

/// <summary>
/// Drops one collection, or finishes a drop that a crash left. First the intent becomes durable; from then on the collection does not
/// exist. When its gateway is gone, its snapshots, events and end mark go, and the intent last. A step that fails is tried again until
/// the process ends; then the next process goes on from the intent. Lives for one drop.
/// </summary>
/// <remarks>
/// A step is never tried again before the earlier try has ended: that one could outlive the drop, and take the rows, the snapshots or the
/// intent of the next collection with this name.
/// </remarks>
internal sealed class DropActor : UntypedActor, IWithTimers
{
    private readonly string _persistenceId;
    private readonly bool _isFinishing;
    private readonly ValoriSettings _settings;
    private readonly JournalWatch? _watch;
    private readonly IFileSystem _files;
    private readonly IActorRef _guardian = Context.Parent;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private Step _step;
    private string? _notBegun;
    private long _erased;
    private TimeSpan _backoff;

    /// <param name="isFinishing">Whether an intent was found; otherwise a caller asks for a drop.</param>
    public DropActor(string name, bool isFinishing, ValoriSettings settings, JournalWatch? watch)
    {
        _persistenceId = ValoriSettings.PersistenceIdOf(name);
        _isFinishing = isFinishing;
        _settings = settings;
        _watch = watch;
        _files = FileSystemSetup.Of(Context.System);
        _backoff = settings.MinimumBackoff;
    }

    private enum Step
    {
        /// <summary>Whether this process may serve the journal.</summary>
        Asking,

        /// <summary>The intent.</summary>
        Beginning,

        /// <summary>Whether the intent is there: it was found earlier, or how its writing ended is unknown.</summary>
        LookingForIntent,

        /// <summary>The gateway is stopping, with the engine.</summary>
        WaitingForGateway,

        /// <summary>The snapshots, first: on a full disk that makes room for what the journal's log needs to delete rows.</summary>
        MakingRoom,
        Erasing,
        DeletingRows,

        /// <summary>The snapshots once more: a store may have been at one when it was first asked.</summary>
        DeletingSnapshots,
        DeletingMark,
        Ending,
    }

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Take(Step.Asking);

    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception e)
        {
            OnFailed(Describe.Fault(e));
        }
    }

    private void Handle(object message)
    {
        switch (_step, message)
        {
            case (Step.Asking, MayServe(null)): Take(_isFinishing ? Step.LookingForIntent : Step.Beginning); break;
            case (Step.Asking, MayServe(var fault)): OnFailed(fault); break;
            case (Step.Beginning, DropBegun(true)): OnDecided(); break;
            case (Step.Beginning, DropBegun(false)): End(isDone: false); break;
            case (Step.Beginning, DropStepFailed(DropUndecidedException fault)): OnFailed(Describe.Fault(fault)); break;
            case (Step.Beginning, DropStepFailed(var fault)): LookForIntent(Describe.Fault(fault)); break;
            case (Step.LookingForIntent, DropsFound(var found)):
                if (found.Contains(_persistenceId)) OnDecided();
                else End(isDone: false, _notBegun);
                break;
            case (Step.WaitingForGateway, GatewayGone): Take(Step.MakingRoom); break;
            case (Step.MakingRoom, DeleteSnapshotsSuccess): Take(Step.Erasing); break;
            case (Step.MakingRoom, DeleteSnapshotsFailure failure): OnFailed(Describe.Fault(failure.Cause)); break;
            case (Step.Erasing, EventsErased(long last)):
                _erased = last;
                Take(Step.Erasing);
                break;
            case (Step.Erasing, EventsErased(null)): Take(Step.DeletingRows); break;
            case (Step.DeletingRows, RowsDeleted(var isMore)): Take(isMore ? Step.DeletingRows : Step.DeletingSnapshots); break;
            case (Step.DeletingSnapshots, DeleteSnapshotsSuccess): Take(Step.DeletingMark); break;
            case (Step.DeletingSnapshots, DeleteSnapshotsFailure failure): OnFailed(Describe.Fault(failure.Cause)); break;
            case (Step.DeletingMark, MarkDeleted(null)): Take(Step.Ending); break;
            case (Step.DeletingMark, MarkDeleted(var fault)): OnFailed(fault); break;
            case (Step.Ending, DropEnded): End(isDone: true); break;
            case (_, DropStepFailed(var fault)): OnFailed(Describe.Fault(fault)); break;
            case (Step.Asking, ReceiveTimeout): OnFailed(NoAnswer); break;
            // Whatever is done with it, that has not ended yet: its answer must be waited for.
            case (_, ReceiveTimeout): Tell(NoAnswer); break;
            case (_, TryAgain): Take(_step); break;
            // A late answer to a question that was asked again.
            default: break;
        }
    }

    private string NoAnswer
    {
        get
        {
            string who = _step is Step.MakingRoom or Step.DeletingSnapshots ? $"the snapshot store ({_settings.SnapshotPluginId})" : $"the journal ({_settings.JournalPluginId})";
            return $"{who} did not answer within {_settings.StorageAnswerTimeout.TotalSeconds} s";
        }
    }

    private void Take(Step step)
    {
        _step = step;
        SetReceiveTimeout(step == Step.WaitingForGateway ? null : _settings.StorageAnswerTimeout);
        IActorRef self = Self;
        switch (step)
        {
            case Step.Asking when _watch is not null: _watch.MayServeAsync().PipeTo(self, success: fault => new MayServe(fault)); break;
            case Step.Asking: self.Tell(new MayServe(null)); break;
            case Step.Beginning: Journal.Tell(new BeginDrop(_persistenceId, IsKnownBesideTheJournal())); break;
            case Step.LookingForIntent: Journal.Tell(new FindDrops()); break;
            case Step.Erasing: Journal.Tell(new EraseEvents(_persistenceId, _erased)); break;
            case Step.DeletingRows: Journal.Tell(new DeleteRows(_persistenceId)); break;
            case Step.MakingRoom or Step.DeletingSnapshots:
                Persistence.Instance.Apply(Context.System).SnapshotStoreFor(_settings.SnapshotPluginId)
                    .Tell(new DeleteSnapshots(_persistenceId, SnapshotSelectionCriteria.Latest));
                break;
            case Step.DeletingMark when _settings.DataDirectory is { } directory:
                _files.RunAsync(() =>
                    {
                        new IndexFiles(_files, directory).Delete(_persistenceId);
                        new JournalEnds(_files, directory).Delete(_persistenceId);
                    })
                    .PipeTo(self, success: () => new MarkDeleted(null), failure: e => new MarkDeleted(Describe.Fault(e)));
                break;
            case Step.DeletingMark: self.Tell(new MarkDeleted(null)); break;
            case Step.Ending: Journal.Tell(new EndDrop(_persistenceId)); break;
        }
    }

    private IActorRef Journal => Persistence.Instance.Apply(Context.System).JournalFor(_settings.JournalPluginId);

    private bool IsKnownBesideTheJournal()
    {
        if (_settings.DataDirectory is not { } directory) return false;
        return _files.Exists(new JournalEnds(_files, directory).PathOf(_persistenceId))
            || _settings.UsesSnapshotFiles && SnapshotFiles.Find(_files, SnapshotFiles.DirectoryIn(directory), _persistenceId).Count > 0;
    }

    /// <summary>The collection does not exist any more.</summary>
    private void OnDecided()
    {
        Take(Step.WaitingForGateway);
        _guardian.Tell(new DropDecided());
    }

    /// <summary>Writing the intent failed, and it may be in the journal all the same, which says now whether the drop has begun.</summary>
    private void LookForIntent(string fault)
    {
        _notBegun = fault;
        Take(Step.LookingForIntent);
    }

    private void OnFailed(string fault)
    {
        // Nothing was done, so the caller may ask again.
        if (_step == Step.Asking && !_isFinishing)
        {
            End(isDone: false, fault);
            return;
        }
        Tell(fault);
        SetReceiveTimeout(null);
        Timers.StartSingleTimer(nameof(TryAgain), new TryAgain(), _backoff);
        _backoff = _backoff * 2 < _settings.MaximumBackoff ? _backoff * 2 : _settings.MaximumBackoff;
    }

    private void Tell(string fault)
    {
        _log.Warning("dropping {0}: {1}; this goes on", _persistenceId, fault);
        _guardian.Tell(new DropFailing(fault, IsDecided: _step >= Step.WaitingForGateway));
    }

    private void End(bool isDone, string? fault = null)
    {
        if (isDone) _log.Info("{0}: dropped", _persistenceId);
        _guardian.Tell(new DropOver(isDone, fault));
        Context.Stop(Self);
    }

    private sealed record MayServe(string? Fault) : INoSerializationVerificationNeeded;

    private sealed record MarkDeleted(string? Fault) : INoSerializationVerificationNeeded;

    private sealed record TryAgain : INoSerializationVerificationNeeded;
}
