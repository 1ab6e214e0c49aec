using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Valori.Actors.Journal;

namespace Valori.Actors.Tests.Support;

/// <summary>The journal that the engines use, which fails, rejects and waits on demand.</summary>
internal sealed class FaultySqlJournal(Config config) : SqlJournal(config)
{
    public static string Configuration { get; } = $"""
        valori.journal-plugin-id = "valori.journal"
        valori.journal.class = "{typeof(FaultySqlJournal).AssemblyQualifiedName}"
        """;

    private readonly JournalFaults _faults = JournalFaults.Of(Context.System);

    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        AtomicWrite[] writes = [.. messages];
        IActorRef self = Self;
        return _faults.WriteAsync(writes, () =>
        {
            Commit commit = new(writes, cancellationToken);
            self.Tell(commit);
            return commit.Done.Task;
        });
    }

    // A write is the actor's own business: what waited goes on behind a message, not on the thread that let it go on.
    protected override bool ReceivePluginInternal(object message)
    {
        if (message is not Commit commit) return base.ReceivePluginInternal(message);
        base.WriteMessagesAsync(commit.Writes, commit.CancellationToken)
            .ContinueWith(commit.Done.SetFromTask, TaskScheduler.Default);
        return true;
    }

    private sealed record Commit(AtomicWrite[] Writes, CancellationToken CancellationToken) : INoSerializationVerificationNeeded
    {
        public TaskCompletionSource<IImmutableList<Exception>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
