using Akka.Actor;
using Akka.Event;
using Valori.Actors.Protocol;
using Valori.Kernel;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Engine;

/// <summary>
/// Takes the bytes of one snapshot into a spool file and verifies all of them before the engine hears of it: damaged or
/// foreign bytes leave no trace in state or journal. Lives for one upload.
/// </summary>
internal sealed class RestoreActor : UntypedActor
{
    // An upload whose client went away would hold its spool file for ever.
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromMinutes(2);

    private readonly IActorRef _gateway;
    private readonly MemoryBudget _memory;
    private readonly string _spoolPath;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private FileStream? _spool;
    private IActorRef? _client;

    public RestoreActor(IActorRef gateway, ValoriSettings settings, MemoryBudget memory)
    {
        _gateway = gateway;
        _memory = memory;
        _spoolPath = Path.Combine(settings.SpoolDirectory, $"restore-{Guid.NewGuid():N}.tmp");
        SetReceiveTimeout(AbandonedAfter);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RestoreChunk chunk: Take(chunk); break;
            case CompleteRestore: Complete(); break;
            case Receipt or Refusal or EngineFailure:
                _client?.Tell(message);
                Context.Stop(Self);
                break;
            case AbortRestore: Context.Stop(Self); break;
            case ReceiveTimeout:
                _log.Warning("a restore was abandoned after {0} bytes", _spool?.Length ?? 0);
                Context.Stop(Self);
                break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        _memory.Set(_spoolPath, 0);
        if (_spool is not null)
        {
            _spool.Dispose();
            File.Delete(_spoolPath);
        }
        base.PostStop();
    }

    private void Take(RestoreChunk chunk)
    {
        try
        {
            FileStream spool = Spool();
            if (chunk.Offset == spool.Position)
            {
                spool.Write(chunk.Bytes.Span);
                Sender.Tell(new RestoreChunkTaken(spool.Position));
                return;
            }
            Refuse(RefusalKind.InvalidArgument, $"expected the snapshot's bytes from offset {spool.Position}, got offset {chunk.Offset}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e);
        }
    }

    private void Complete()
    {
        _client = Sender;
        SetReceiveTimeout(null);
        try
        {
            FileStream spool = Spool();
            spool.Flush();
            // A state takes at least as much memory as its snapshot has bytes: this one would be refused behind its decoding.
            if (IsRefused(spool.Length)) return;
            spool.Position = 0;
            SnapshotContent content = SnapshotReader.Read(spool, "the given snapshot");
            if (IsRefused(content.Kernel.ApproximateMemoryBytes)) return;
            _gateway.Tell(new AdoptSnapshot(content, _spoolPath));
        }
        catch (CorruptionException e)
        {
            Refuse(RefusalKind.InvalidSnapshot, $"{e.Message}; nothing was changed");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e);
        }
    }

    /// <summary>Takes the memory, until the engine has answered and counts the state as its own; where there is none, refuses.</summary>
    private bool IsRefused(long bytes)
    {
        if (_memory.Reserve(_spoolPath, bytes) is not { } refusal) return false;
        Refuse(refusal.Kind, refusal.Message);
        return true;
    }

    private FileStream Spool() =>
        _spool ??= new FileStream(_spoolPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, 1 << 16);

    private void Fail(Exception e)
    {
        Sender.Tell(new EngineFailure(EngineFailureKind.SnapshotFailed, $"spooling the snapshot to {_spoolPath} failed: {e.Message}; nothing was changed"));
        Context.Stop(Self);
    }

    private void Refuse(RefusalKind kind, string message)
    {
        Sender.Tell(new Refusal(kind, message));
        Context.Stop(Self);
    }
}
