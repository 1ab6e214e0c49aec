using Akka.Actor;
using Akka.Event;
using Valori.Actors.Files;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Actors.Engine;

/// <summary>
/// Takes the bytes of one snapshot into a spool file and verifies all of them before the engine hears of it: damaged or
/// foreign bytes leave no trace in state or journal. What is larger than a megabyte is decoded while it arrives, so that the upload
/// ends at the first byte that is none of a snapshot of this collection. Lives for one upload.
/// </summary>
internal sealed class RestoreActor : UntypedActor
{
    private const string Source = "the given snapshot";

    // A smaller upload is decoded when it is complete: it takes no disk, no thread, and no time.
    private const int DecodeAheadBytes = 1 << 20;

    // How often the free space of the disk is looked at.
    private const int DiskCheckBytes = 1 << 20;

    // An upload whose client went away would hold its spool file forever.
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromMinutes(2);

    private readonly IActorRef _gateway;
    private readonly EngineSchema _schema;
    private readonly MemoryBudget _memory;
    private readonly string _directory;
    private readonly bool _hasJournalOnDisk;
    private readonly string _spoolPath;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private SpoolFile? _spool;
    private IActorRef? _client;
    private object? _ended;
    private bool _isDecoding;
    private long _promisedBytes;
    private long _diskCheckedAt = -DiskCheckBytes;

    /// <param name="schema">The engine's: a snapshot of another one is refused as soon as it says so.</param>
    public RestoreActor(IActorRef gateway, EngineSchema schema, ValoriSettings settings, MemoryBudget memory)
    {
        _gateway = gateway;
        _schema = schema;
        _memory = memory;
        _directory = settings.SpoolDirectory;
        _hasJournalOnDisk = settings.UsesSqliteFile;
        _spoolPath = Path.Combine(_directory, $"restore-{Guid.NewGuid():N}.tmp");
        SetReceiveTimeout(AbandonedAfter);
    }

    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception e)
        {
            // For example, there is not enough memory. The uploader must not wait in vain.
            _log.Error(e, "a restore failed");
            End(_client ?? Sender, new EngineFailure(EngineFailureKind.SnapshotFailed, $"taking the snapshot failed: {Describe.Fault(e)}; nothing was changed"));
        }
    }

    private void Handle(object message)
    {
        switch (message)
        {
            case RestoreChunk chunk: Take(chunk); break;
            case CompleteRestore: Complete(); break;
            case Started(var start): OnStarted(start); break;
            case Decoded(var content): Adopt(content); break;
            case NotDecoded(var answer): OnNotDecoded(answer); break;
            case RestoreAnswered(var reply): End(_client!, reply); break;
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
        _spool?.Dispose();
        // Of a collection that stops or is dropped.
        _client?.Tell(new EngineFailure(EngineFailureKind.OutcomeUnknown, "the collection stopped before the restore ended; it may or may not have been carried out"));
        base.PostStop();
    }

    private void Take(RestoreChunk chunk)
    {
        if (_ended is not null)
        {
            End(Sender, _ended);
            return;
        }
        try
        {
            SpoolFile spool = Spool();
            if (chunk.Offset != spool.Length)
            {
                Refuse(RefusalKind.InvalidArgument, $"expected the snapshot's bytes from offset {spool.Length}, got offset {chunk.Offset}");
                return;
            }
            // A state takes at least as much memory as its snapshot has bytes: a larger one would be refused after its decoding.
            if (IsRefused(Math.Max(spool.Length + chunk.Bytes.Length, _promisedBytes)) || IsDiskFull(spool.Length + chunk.Bytes.Length, chunk.Bytes.Length)) return;
            spool.Append(chunk.Bytes.Span);
            if (!_isDecoding && spool.Length > DecodeAheadBytes) DecodeWhileItArrives(spool);
            Sender.Tell(new RestoreChunkTaken(spool.Length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e.Message);
        }
    }

    private void Complete()
    {
        if (_ended is not null)
        {
            End(Sender, _ended);
            return;
        }
        _client = Sender;
        SetReceiveTimeout(null);
        try
        {
            SpoolFile spool = Spool();
            spool.Complete();
            if (!_isDecoding) OnReceive(Decode(spool, _schema, OnStarted));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e.Message);
        }
    }

    private void Adopt(SnapshotContent content)
    {
        if (_memory.Reserve(_spoolPath, content.Kernel.ApproximateMemoryBytes) is { } refusal) End(_client!, refusal);
        else _gateway.Tell(new AdoptSnapshot(content, _spoolPath));
    }

    /// <summary>A few bytes may promise many deleted records, each of which takes memory.</summary>
    private void OnStarted(SnapshotStart start)
    {
        _promisedBytes = Math.Max(start.MinimumMemoryBytes, _spool!.Length);
        if (_memory.Reserve(_spoolPath, _promisedBytes) is not { } refusal) return;
        OnNotDecoded(refusal);
        // Ends the decoding, which waits for more bytes.
        _spool.Dispose();
    }

    /// <summary>The client hears of it with its next message, or now when it has sent the last one.</summary>
    private void OnNotDecoded(object answer)
    {
        if (_ended is not null) return;
        _ended = answer;
        if (_client is not null) End(_client, answer);
    }

    /// <summary>Takes the memory, until the engine has answered and counts the state as its own; refuses if there is none.</summary>
    private bool IsRefused(long bytes)
    {
        if (_memory.Reserve(_spoolPath, bytes) is not { } refusal) return false;
        Refuse(refusal.Kind, refusal.Message);
        return true;
    }

    /// <summary>The same bytes go into the journal afterwards.</summary>
    private bool IsDiskFull(long length, long added)
    {
        if (length - _diskCheckedAt < DiskCheckBytes) return false;
        _diskCheckedAt = length;
        if (FreeDisk.RefusalOf(_directory, _hasJournalOnDisk ? length + added : added) is not { } refusal) return false;
        Fail(refusal);
        return true;
    }

    private SpoolFile Spool() => _spool ??= new SpoolFile(_spoolPath);

    /// <summary>Decodes on a thread of its own, which waits for bytes most of the time.</summary>
    private void DecodeWhileItArrives(SpoolFile spool)
    {
        _isDecoding = true;
        IActorRef self = Self;
        EngineSchema schema = _schema;
        Task.Factory.StartNew(
            () => self.Tell(Decode(spool, schema, start => self.Tell(new Started(start)))), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What came of it, as a message. Never throws.</summary>
    private static object Decode(SpoolFile spool, EngineSchema schema, Action<SnapshotStart> started)
    {
        try
        {
            SnapshotStart start = SnapshotReader.ReadStart(spool.OpenReader(), Source);
            if (start.Schema.DifferenceFrom(schema) is var (its, mine))
                return new NotDecoded(new Refusal(RefusalKind.Conflict, $"the snapshot has {its}, this collection has {mine}"));
            started(start);
            return new Decoded(SnapshotReader.Read(spool.OpenReader(), Source));
        }
        catch (CorruptionException e)
        {
            return new NotDecoded(new Refusal(RefusalKind.InvalidSnapshot, $"{e.Message}; nothing was changed"));
        }
        catch (Exception e)
        {
            // Also when the upload was given up, and the file is gone: then it is not read.
            return new NotDecoded(SpoolingFailed(spool.Path, e.Message));
        }
    }

    private static EngineFailure SpoolingFailed(string path, string reason) =>
        new(EngineFailureKind.SnapshotFailed, $"spooling the snapshot to {path} failed: {reason}; nothing was changed");

    private void Fail(string reason) => End(Sender, SpoolingFailed(_spoolPath, reason));

    private void Refuse(RefusalKind kind, string message) => End(Sender, new Refusal(kind, message));

    private void End(IActorRef client, object answer)
    {
        client.Tell(answer);
        _client = null;
        Context.Stop(Self);
    }

    private sealed record Started(SnapshotStart Start);

    private sealed record Decoded(SnapshotContent Content);

    /// <param name="Answer">A refusal or a failure, for the client.</param>
    private sealed record NotDecoded(object Answer);
}
