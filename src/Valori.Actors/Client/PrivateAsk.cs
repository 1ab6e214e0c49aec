using System.Security.Cryptography;
using Akka.Actor;

namespace Valori.Actors.Client;

/// <summary>
/// Akka's Ask, with an address that cannot be guessed: Akka counts its own (/temp/$a, /temp/$b), and any process that reaches this one by
/// Akka.Remote can send an answer to them before the right one comes. An actor of this process gets no address at all.
/// </summary>
internal static class PrivateAsk
{
    private const int NameBytes = 16;

    /// <summary>The first message that comes back, whatever it is.</summary>
    /// <param name="room">For the answer, if the target is in this process and counts what it takes.</param>
    /// <exception cref="AskTimeoutException">None came in time.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<object> AskAsync(IActorRef target, object message, TimeSpan timeout, CancellationToken cancellationToken, IAnswerRoom? room = null)
    {
        if (target is not IInternalActorRef { Provider: { } provider } internalTarget) return await target.Ask<object>(message, timeout, cancellationToken).ConfigureAwait(false);
        ActorPath path = provider.TempContainer.Path / $"valori-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NameBytes))}";
        ReplyRef reply = new(provider, path, room);
        bool isRegistered = !internalTarget.IsLocal;
        if (isRegistered) provider.RegisterTempActor(reply, path);
        try
        {
            target.Tell(message, reply);
            return await reply.Answer.WaitAsync(timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new AskTimeoutException($"Timeout after {timeout} seconds");
        }
        finally
        {
            reply.GiveUp();
            if (isRegistered) provider.UnregisterTempActor(path);
        }
    }
}
