using System.Buffers;
using System.Runtime.Serialization;
using Akka.Actor;
using Google.Protobuf;
using Valori.Actors.Serialization;
using Valori.Actors.State;
using Valori.Protocol;

namespace Valori.Actors.Engine;

/// <summary>
/// Takes the bytes of one request that is larger than a message between processes, and hands it to its collection when it is complete, as if it had come whole.
/// Lives for one upload.
/// </summary>
internal sealed class RequestUploadActor : UntypedActor
{
    // An upload whose client went away would hold its memory.
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromMinutes(2);

    private readonly IActorRef _gateway;
    private readonly BeginRequest _begin;
    private readonly MemoryBudget _memory;
    private readonly string _reservation = $"request-{Guid.NewGuid():N}";

    // Grows with what comes: a peer may promise anything.
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public RequestUploadActor(IActorRef gateway, BeginRequest begin, MemoryBudget memory)
    {
        _gateway = gateway;
        _begin = begin;
        _memory = memory;
        SetReceiveTimeout(AbandonedAfter);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RestoreChunk chunk: Take(chunk); break;
            case CompleteRestore: Complete(); break;
            case AbortRestore or ReceiveTimeout: Context.Stop(Self); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        _memory.Set(_reservation, 0);
        base.PostStop();
    }

    private void Take(RestoreChunk chunk)
    {
        long length = _bytes.WrittenCount + (long)chunk.Bytes.Length;
        if (chunk.Offset != _bytes.WrittenCount) End(new Refusal(RefusalKind.InvalidArgument, $"expected the request's bytes from offset {_bytes.WrittenCount}, got offset {chunk.Offset}"));
        else if (length > _begin.TotalBytes) End(new Refusal(RefusalKind.InvalidArgument, $"the request has {length} bytes or more; {_begin.TotalBytes} were announced"));
        // As bytes, and as what they are read into.
        else if (_memory.Reserve(_reservation, 2 * length) is { } full) End(full);
        else
        {
            _bytes.Write(chunk.Bytes.Span);
            Sender.Tell(new RestoreChunkTaken(length));
        }
    }

    private void Complete()
    {
        if (_bytes.WrittenCount < _begin.TotalBytes)
        {
            End(new Refusal(RefusalKind.InvalidArgument, $"the request has {_bytes.WrittenCount} bytes; {_begin.TotalBytes} were announced"));
            return;
        }
        try
        {
            _gateway.Tell(MessageKinds.Read(_bytes.WrittenSpan.ToArray(), _begin.Manifest, (ExtendedActorSystem)Context.System), Sender);
            Context.Stop(Self);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException or FormatException or OverflowException or CorruptionException or SerializationException)
        {
            End(new Refusal(RefusalKind.InvalidArgument, UnreadableMessage.Because($"the bytes are not those of a request '{_begin.Manifest}': {e.Message}").Reason));
        }
    }

    private void End(Refusal refusal)
    {
        Sender.Tell(refusal);
        Context.Stop(Self);
    }
}
