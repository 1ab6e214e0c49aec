using Akka.Actor;
using Valori.Actors.Serialization;
using Valori.Protocol;

namespace Valori.Actors.Client;

/// <summary>Asks, and turns what is not an answer into exceptions, as early as it is known that none will come.</summary>
internal static class Requests
{
    // A query that has run for its time is stopped by the one who answers it, and says so a moment later.
    private static readonly TimeSpan QueryGrace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// An actor that an answer names must be below the one that answered: otherwise another process could have this one send its
    /// commands to any actor, of this process too.
    /// </summary>
    /// <exception cref="EngineException">It is another one.</exception>
    public static void RequireChild(IActorRef parent, IActorRef child)
    {
        if (child.Path.Address != parent.Path.Address || child.Path.Parent.ToStringWithoutAddress() != parent.Path.ToStringWithoutAddress())
            throw new EngineException(EngineFailureKind.Stopped, $"{parent.Path} answered with the actor {child.Path}, which is not below it");
    }

    /// <exception cref="RefusedException">The request was refused, or is too large for a message to another process.</exception>
    /// <exception cref="EngineException">The engine could not answer, or did not in time.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled: before, then nothing was sent; or while waiting.</exception>
    public static Task<T> AskAsync<T>(IActorRef target, object request, TimeSpan timeout, CancellationToken cancellationToken) =>
        AskAsync<T>(target, targetGone: null, request, timeout, cancellationToken);

    /// <param name="targetGone">Ends when the target does; null if only its ActorSystem is watched.</param>
    /// <param name="room">For the answer; null if what it takes is not counted.</param>
    /// <param name="envelope">What the request is sent in; null if it is sent by itself.</param>
    public static async Task<T> AskAsync<T>(
        IActorRef target, Task? targetGone, object request, TimeSpan timeout, CancellationToken cancellationToken, IAnswerRoom? room = null, EngineMessage? envelope = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // An Ask to an actor that is gone, or from a system that is, waits for its timeout.
        Task terminated = ((IInternalActorRef)target).Provider.TerminationTask;
        if (terminated.IsCompleted) throw new EngineException(EngineFailureKind.Stopped, $"the ActorSystem has terminated, and {target.Path} with it; nothing was done");
        if (targetGone is { IsCompleted: true }) throw new EngineException(EngineFailureKind.Stopped, $"{target.Path} has stopped; nothing was done: open the collection again");
        if (RemoteFrame.Refusal(envelope ?? request, target, "request") is { } tooLarge) throw new RefusedException(tooLarge);
        object reply = await ReplyAsync(target, targetGone ?? terminated, terminated, request, timeout, cancellationToken, room, envelope).ConfigureAwait(false);
        return reply switch
        {
            T answer => answer,
            Refusal refusal => throw new RefusedException(refusal),
            EngineFailure failure => throw new EngineException(failure.Kind, failure.Message),
            Status.Failure failure => throw new EngineException(EngineFailureKind.OutcomeUnknown, failure.Cause.Message, failure.Cause),
            _ => throw new InvalidOperationException($"{target.Path} answered {request.GetType().Name} with {reply?.GetType().Name ?? "nothing"}"),
        };
    }

    private static async Task<object> ReplyAsync(
        IActorRef target, Task targetGone, Task terminated, object request, TimeSpan timeout, CancellationToken cancellationToken, IAnswerRoom? room, EngineMessage? envelope)
    {
        using CancellationTokenSource giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            Task<object> reply = PrivateAsk.AskAsync(target, envelope ?? request, request is Query ? timeout + QueryGrace : timeout, giveUp.Token, room);
            // An answer that was given before the end counts, even if both are seen at once.
            if (await Task.WhenAny(reply, targetGone, terminated).ConfigureAwait(false) != reply && !reply.IsCompleted)
            {
                giveUp.Cancel();
                throw new EngineException(
                    MayHaveBeenDone(request) ? EngineFailureKind.OutcomeUnknown : EngineFailureKind.Stopped,
                    $"{target.Path} stopped before it answered {request.GetType().Name}{(MayHaveBeenDone(request) ? "; it may or may not have been carried out" : "; nothing was done")}");
            }
            return await reply.ConfigureAwait(false);
        }
        catch (AskTimeoutException e) when (request is Query && target is IInternalActorRef { IsLocal: true })
        {
            throw new EngineException(EngineFailureKind.Overloaded,
                $"{request.GetType().Name} was not answered within {timeout.TotalSeconds} s (valori.request-timeout), "
                + "because other queries come before it, or it takes longer; nothing was changed. Try again later", e);
        }
        catch (AskTimeoutException e)
        {
            throw new EngineException(
                EngineFailureKind.OutcomeUnknown,
                $"{target.Path} did not answer {request.GetType().Name} within {timeout.TotalSeconds} s{(MayHaveBeenDone(request) ? "; it may or may not have been carried out" : "")}", e);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // With the caller's own token, by which it is known.
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private static bool MayHaveBeenDone(object request) => request is Command or Request or Authored or CompleteRestore or SaveSnapshot or OpenEngine or DropEngine;
}
