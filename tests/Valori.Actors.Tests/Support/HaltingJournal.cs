using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Valori.Actors.Journal;

namespace Valori.Actors.Tests.Support;

/// <summary>What happens to the steps of a drop that reach one system's <see cref="HaltingJournal"/>.</summary>
internal sealed class DropSteps
{
    private static readonly ConcurrentDictionary<string, DropSteps> BySystem = new();

    private readonly TaskCompletionSource _halted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<object> _taken = new();
    private int _count;

    /// <summary>The step that is neither taken nor answered, from 0 on; what comes after it is not either.</summary>
    public int? HaltAt { get; set; }

    /// <summary>Steps that fail when they are taken for the first time.</summary>
    public Predicate<object> FailsOnce { get; set; } = _ => false;

    /// <summary>Whether a step that fails was taken nevertheless.</summary>
    public bool FailsAfterwards { get; set; }

    /// <summary>The first step of this type is taken when the task ends, and not answered before.</summary>
    public (Type Step, Task Until)? Held { get; set; }

    public Task Halted => _halted.Task;

    /// <summary>Those that reached the journal, in order.</summary>
    public IReadOnlyCollection<object> Taken => _taken;

    public static DropSteps Of(ActorSystem system) => BySystem.GetOrAdd(system.Name, _ => new DropSteps());

    public bool IsHalted(object step)
    {
        if (HaltAt is { } halt && Interlocked.Increment(ref _count) > halt)
        {
            _halted.TrySetResult();
            return true;
        }
        _taken.Enqueue(step);
        return false;
    }

    public bool Fails(object step)
    {
        if (!FailsOnce(step)) return false;
        FailsOnce = _ => false;
        return true;
    }
}

/// <summary>The journal that the engines use, which halts in the middle of a drop, or fails a step of it, on demand.</summary>
internal sealed class HaltingJournal(Config config) : SqlJournal(config)
{
    public static string Configuration { get; } = $"valori.journal.class = \"{typeof(HaltingJournal).AssemblyQualifiedName}\"\n";

    private readonly DropSteps _steps = DropSteps.Of(Context.System);

    protected override bool ReceivePluginInternal(object message)
    {
        if (message is TakenNevertheless(var taken)) return base.ReceivePluginInternal(taken);
        if (message is not (BeginDrop or EraseEvents or DeleteRows or EndDrop)) return base.ReceivePluginInternal(message);
        if (_steps.IsHalted(message)) return true;
        if (_steps.Held is var (held, until) && held == message.GetType())
        {
            _steps.Held = null;
            until.ContinueWith(_ => new TakenNevertheless(message), TaskScheduler.Default).PipeTo(Self, Sender);
            return true;
        }
        if (!_steps.Fails(message)) return base.ReceivePluginInternal(message);
        DropStepFailed failed = new(new IOException("the disk is gone"));
        if (_steps.FailsAfterwards) Self.Ask<object>(new TakenNevertheless(message)).PipeTo(Sender, Self, success: _ => failed);
        else Sender.Tell(failed);
        return true;
    }

    private sealed record TakenNevertheless(object Step) : INoSerializationVerificationNeeded;
}
