using Akka.Actor;

namespace Valori.Actors.Client;

/// <summary>Who waits for one answer. In the process that is asked it also says that the wait has ended.</summary>
/// <param name="room">For the answer; null if what it takes is not counted.</param>
internal sealed class ReplyRef(IActorRefProvider provider, ActorPath path, IAnswerRoom? room = null) : MinimalActorRef
{
    private static readonly CancellationTokenSource Before = CancelledBefore();

    private readonly TaskCompletionSource<object> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Made when it is asked for: most answers come at once.
    private CancellationTokenSource? _gaveUp;

    public IAnswerRoom? Room => room;

    public Task<object> Answer => _answer.Task;

    public override ActorPath Path => path;

    public override IActorRefProvider Provider => provider;

    /// <summary>Cancelled when the answer is not awaited any more.</summary>
    public CancellationToken GaveUp
    {
        get
        {
            if (Volatile.Read(ref _gaveUp) is { } known) return known.Token;
            CancellationTokenSource source = new();
            return (Interlocked.CompareExchange(ref _gaveUp, source, null) ?? source).Token;
        }
    }

    /// <summary>To be called when an answer is of no use any more. Does nothing if it is there.</summary>
    public void GiveUp()
    {
        if (!_answer.Task.IsCompleted) Interlocked.CompareExchange(ref _gaveUp, Before, null)?.Cancel();
    }

    protected override void TellInternal(object message, IActorRef sender) => _answer.TrySetResult(message);

    private static CancellationTokenSource CancelledBefore()
    {
        CancellationTokenSource source = new();
        source.Cancel();
        return source;
    }
}
