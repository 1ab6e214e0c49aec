using Akka.Actor;
using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Actors;

/// <summary>Asks, and turns the answers that are no answer into exceptions.</summary>
internal static class Requests
{
    /// <exception cref="RefusedException">The request was refused.</exception>
    /// <exception cref="EngineException">The engine could not answer, or did not in time.</exception>
    public static async Task<T> AskAsync<T>(IActorRef target, object request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        object reply;
        try
        {
            reply = await target.Ask<object>(request, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (AskTimeoutException e)
        {
            throw new EngineException(EngineFailureKind.OutcomeUnknown,
                $"{target.Path} did not answer {request.GetType().Name} within {timeout.TotalSeconds} s; a command may or may not have been carried out", e);
        }
        return reply switch
        {
            T answer => answer,
            Refusal refusal => throw new RefusedException(refusal),
            EngineFailure failure => throw new EngineException(failure.Kind, failure.Message),
            Status.Failure failure => throw new EngineException(EngineFailureKind.OutcomeUnknown, failure.Cause.Message, failure.Cause),
            _ => throw new InvalidOperationException($"{target.Path} answered {request.GetType().Name} with {reply?.GetType().Name ?? "nothing"}"),
        };
    }
}
