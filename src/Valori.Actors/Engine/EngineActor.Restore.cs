using Akka.Actor;
using Valori.Actors.Entries;
using Valori.Kernel;

namespace Valori.Actors.Engine;

internal sealed partial class EngineActor
{
    // Bounds the memory of a restore: so many bytes of chunks are in one journal write.
    private const int ChunkBytes = 1 << 20;
    private const int GroupBytes = 8 << 20;

    private RestoreInProgress? _restore;

    /// <summary>
    /// Makes a verified snapshot the state: its bytes go into the journal in chunks, and the event after the last one
    /// changes the state. Until then other commands go on, and a crash leaves chunks that nothing refers to.
    /// </summary>
    private void BeginRestore(long ticket, AdoptSnapshot adopt)
    {
        Refusal? refusal = _restore is not null
            ? new Refusal(RefusalKind.Conflict, "another restore is running; wait until it ends")
            : adopt.Content.Kernel.Schema.DifferenceFrom(_state.Kernel.Schema) is var (its, mine)
                ? new Refusal(RefusalKind.Conflict, $"the snapshot has {its}, this collection has {mine}")
                : null;
        if (refusal is not null)
        {
            _gateway.Tell(new Answer(ticket, refusal));
            return;
        }
        _restore = new RestoreInProgress(ticket, adopt.Content, new FileStream(adopt.SpoolPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        PumpRestore();
        Flush();
    }

    /// <summary>Moves the next chunks of a running restore into the next group; the last one is followed by the change.</summary>
    private void PumpRestore()
    {
        if (_restore is not { } restore) return;
        ValoriKernel kernel = restore.Content.Kernel;
        while (_next.Bytes < GroupBytes)
        {
            byte[] chunk = new byte[ChunkBytes];
            int length = restore.Bytes.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false);
            if (length > 0)
            {
                Record(new SnapshotChunk(restore.Chunks++, chunk.AsMemory(0, length)), kernel);
                continue;
            }
            Record(new Restored(restore.Chunks) { KeepsRequestsTo = _state.EventOf(restore.Content.Header) }, kernel);
            _next.Replies.Add((restore.Ticket, _state.ReceiptFor(0, 0)));
            restore.Dispose();
            _restore = null;
            return;
        }
    }

    private sealed class RestoreInProgress(long ticket, SnapshotContent content, FileStream bytes) : IDisposable
    {
        public long Ticket { get; } = ticket;

        public SnapshotContent Content { get; } = content;

        public FileStream Bytes { get; } = bytes;

        public int Chunks { get; set; }

        public void Dispose() => Bytes.Dispose();
    }
}
