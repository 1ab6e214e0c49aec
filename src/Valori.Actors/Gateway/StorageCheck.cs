using Akka.Actor;
using Akka.Persistence;
using Valori.Actors.Journal;
using Valori.Actors.Rows;
using Valori.Actors.Settings;
using Valori.Actors.Text;

namespace Valori.Actors.Gateway;

/// <summary>
/// Asks journal and snapshot store whether they answer, before an engine is started on them: a plugin that cannot reach
/// its database keeps every request until it can, and an engine would wait with it. Both are asked for nothing, in the
/// words of a recovery, which every plugin understands. Valori's own journal is also asked for drops that a crash left unfinished. Lives
/// for one check and tells its parent how it went.
/// </summary>
internal sealed class StorageCheck : UntypedActor
{
    private readonly ValoriSettings _settings;
    private readonly JournalWatch? _watch;
    private readonly string _persistenceId;
    private long? _lastSequenceNr;
    private IReadOnlyList<string>? _dropped;
    private bool _mayServe;
    private bool _hasSnapshotStoreAnswered;

    public StorageCheck(ValoriSettings settings, JournalWatch? watch, string persistenceId)
    {
        _settings = settings;
        _watch = watch;
        _persistenceId = persistenceId;
    }

    protected override void PreStart()
    {
        try
        {
            PersistenceExtension plugins = Persistence.Instance.Apply(Context.System);
            IActorRef journal = plugins.JournalFor(_settings.JournalPluginId);
            journal.Tell(new ReplayMessages(1, 0, 0, _persistenceId, Self));
            if (_settings.DropsEngines) journal.Tell(new FindDrops());
            else _dropped = [];
            plugins.SnapshotStoreFor(_settings.SnapshotPluginId).Tell(new LoadSnapshot(_persistenceId, SnapshotSelectionCriteria.None, 0));
            if (_watch is null) _mayServe = true;
            else _watch.MayServeAsync().PipeTo(Self, success: fault => new JournalAnswered(fault));
            SetReceiveTimeout(_settings.StorageAnswerTimeout);
        }
        catch (Exception e)
        {
            // The parent waits for this check: it must hear of every end.
            End($"the journal ({_settings.JournalPluginId}) or the snapshot store ({_settings.SnapshotPluginId}) cannot be created: {Describe.Fault(e)}");
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RecoverySuccess success: _lastSequenceNr = success.HighestSequenceNr; break;
            // A snapshot store that fails has answered; whether its snapshots may be left out is the recovery's matter.
            case LoadSnapshotResult or LoadSnapshotFailed: _hasSnapshotStoreAnswered = true; break;
            case DropsFound(var found): _dropped = [.. found.Select(ValoriSettings.NameOf).OfType<string>()]; break;
            case DropStepFailed(var fault): End($"the journal ({_settings.JournalPluginId}) cannot be read: {Describe.Fault(fault)}"); return;
            case JournalAnswered(null): _mayServe = true; break;
            case JournalAnswered(var fault): End(fault); return;
            // The journal has answered: what is wrong with one collection's rows, its recovery says.
            case ReplayMessagesFailure { Cause: Valori.CorruptionException }: _lastSequenceNr = 0; break;
            case ReplayMessagesFailure failure: End($"the journal ({_settings.JournalPluginId}) cannot be read: {Describe.Fault(failure.Cause)}"); return;
            case ReceiveTimeout:
                (string name, string id) = _lastSequenceNr is not null && _dropped is not null && _mayServe ? ("snapshot store", _settings.SnapshotPluginId) : ("journal", _settings.JournalPluginId);
                End($"the {name} ({id}) did not answer within {_settings.StorageAnswerTimeout.TotalSeconds} s: {Advice(_settings, id)}");
                return;
            default: Unhandled(message); return;
        }
        if (_lastSequenceNr is not null && _dropped is not null && _mayServe && _hasSnapshotStoreAnswered) End(null);
    }

    /// <summary>What to do about a plugin that does not answer: files have no connection string that could be wrong.</summary>
    internal static string Advice(ValoriSettings settings, string pluginId)
    {
        bool isInFiles = pluginId == settings.JournalPluginId ? settings.UsesSqliteFile : settings.UsesSnapshotFiles;
        return isInFiles
            ? $"the machine or the disk of {settings.DataDirectory} is busy. Try again, or raise valori.storage-answer-timeout. The log has the plugin's own error, if there was one"
            : $"check that its database is reachable and that {pluginId}.connection-string is right. The log has the plugin's own error";
    }

    private void End(string? fault)
    {
        Context.Parent.Tell(fault is null ? new StorageChecked(null, _lastSequenceNr!.Value, _dropped!) : new StorageChecked(fault, 0, []));
        Context.Stop(Self);
    }

    /// <summary>Whether this process may serve the journal, as <see cref="JournalWatch"/> says.</summary>
    private sealed record JournalAnswered(string? Fault) : INoSerializationVerificationNeeded;
}
