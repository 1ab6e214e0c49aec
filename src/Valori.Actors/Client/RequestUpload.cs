using Akka.Actor;
using Valori.Actors.Serialization;
using Valori.Protocol;

namespace Valori.Actors.Client;

/// <summary>A request to another process that is larger than one message, in chunks. It is carried out once it is there as a whole.</summary>
internal static class RequestUpload
{
    // Of a chunk besides its bytes.
    private const int ChunkFieldBytes = 64;

    /// <param name="message">What is sent: the request, or what it is in.</param>
    /// <exception cref="EngineException">The kind says whether the request may have been carried out, as for one that is sent whole.</exception>
    public static async Task<T> SendAsync<T>(IActorRef gateway, object message, object request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        MessageKind kind = MessageKinds.Of(message);
        byte[] bytes = kind.ToBytes(message);
        int chunkBytes = (int)Math.Max(1, RemoteFrame.LimitOf(gateway)!.Value - ChunkFieldBytes);
        RestoreStarted started = await Requests.AskAsync<RestoreStarted>(gateway, new BeginRequest(kind.Manifest, bytes.Length), timeout, cancellationToken).ConfigureAwait(false);
        Requests.RequireChild(gateway, started.Upload);
        bool isComplete = false;
        try
        {
            for (int offset = 0; offset < bytes.Length; offset += chunkBytes)
            {
                RestoreChunk chunk = new(offset, bytes.AsMemory(offset, Math.Min(chunkBytes, bytes.Length - offset)));
                await Requests.AskAsync<RestoreChunkTaken>(started.Upload, chunk, timeout, cancellationToken).ConfigureAwait(false);
            }
            isComplete = true;
            return await Requests.AskAsync<T>(started.Upload, new CompleteRestore(), timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (EngineException e) when (!isComplete && e.Kind == EngineFailureKind.OutcomeUnknown)
        {
            throw new EngineException(EngineFailureKind.Recovering, $"{request.GetType().Name} was not sent as a whole, so nothing was done; try again. {e.Message}", e);
        }
        finally
        {
            if (!isComplete) started.Upload.Tell(new AbortRestore());
        }
    }
}
