using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Valori.Actors.Journal;

namespace Valori.Host.Tests.Support;

/// <summary>The journal of the service, where the recovery of one collection waits behind its snapshot while it is held.</summary>
internal sealed class HeldJournal(Config config) : SqlJournal(config)
{
    public const string Configuration = $"valori.journal.class = \"Valori.Host.Tests.Support.{nameof(HeldJournal)}, Valori.Host.Tests\"";

    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Gates = new(StringComparer.Ordinal);

    public static void Hold(string collection) =>
        Gates[$"valori-{collection}"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public static void Release(string collection)
    {
        if (Gates.TryRemove($"valori-{collection}", out TaskCompletionSource? gate)) gate.SetResult();
    }

    public override async Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        if (Gates.TryGetValue(persistenceId, out TaskCompletionSource? gate)) await gate.Task;
        await base.ReplayMessagesAsync(context, persistenceId, fromSequenceNr, toSequenceNr, max, recoveryCallback);
    }
}
