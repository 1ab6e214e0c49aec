using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Valori.Actors.Journal;

namespace Valori.Host.Tests.Support;

/// <summary>The journal of the service, where the recovery of one collection waits behind its snapshot while it is held.</summary>
internal sealed class HeldJournal(Config config) : SqlJournal(config)
{
    public const string Configuration = $"valori.journal.class = \"Valori.Host.Tests.Support.{nameof(HeldJournal)}, Valori.Host.Tests\"";

    private static (string PersistenceId, TaskCompletionSource Gate)? _held;

    public static void Hold(string collection) =>
        _held = ($"valori-{collection}", new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public static void Release() => _held?.Gate.TrySetResult();

    public override async Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        if (_held is { } held && held.PersistenceId == persistenceId) await held.Gate.Task;
        await base.ReplayMessagesAsync(context, persistenceId, fromSequenceNr, toSequenceNr, max, recoveryCallback);
    }
}
