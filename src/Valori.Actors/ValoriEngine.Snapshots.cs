using Akka.Actor;
using Valori.Actors.Client;
using Valori.Protocol;

namespace Valori;

public sealed partial class ValoriEngine
{
    // Half of Akka.Remote's default frame, so that a restore works over any connection.
    private const int UploadChunkBytes = 64 * 1024;

    /// <summary>Writes a snapshot of the latest durable state, while the engine goes on.</summary>
    /// <returns>The path of the snapshot file.</returns>
    public async Task<string> SaveAsync(CancellationToken cancellationToken = default) =>
        (await AskAsync<SnapshotSaved>(_gateway, new SaveSnapshot(), Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false)).Path;

    /// <summary>
    /// Makes snapshot bytes the state. They are verified first: damaged or foreign bytes change nothing. The bytes go into
    /// the journal, so they are not needed afterwards.
    /// </summary>
    public Task<Receipt> RestoreAsync(ReadOnlyMemory<byte> snapshot, CancellationToken cancellationToken = default) =>
        RestoreAsync(new MemoryStream(snapshot.ToArray(), writable: false), cancellationToken);

    /// <summary>Makes snapshot bytes the state, read from the stream as they are sent.</summary>
    public async Task<Receipt> RestoreAsync(Stream snapshot, CancellationToken cancellationToken = default)
    {
        RestoreStarted started = await AskAsync<RestoreStarted>(new BeginRestore(), cancellationToken).ConfigureAwait(false);
        Requests.RequireChild(_gateway, started.Upload);
        bool isComplete = false;
        try
        {
            long offset = 0;
            while (true)
            {
                byte[] chunk = new byte[UploadChunkBytes];
                int length = await snapshot.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                if (length == 0) break;
                RestoreChunk message = new(offset, chunk.AsMemory(0, length));
                offset = (await AskAsync<RestoreChunkTaken>(started.Upload, message, _timeout, cancellationToken).ConfigureAwait(false)).NextOffset;
            }
            isComplete = true;
            return await AskAsync<Receipt>(started.Upload, new CompleteRestore(), Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!isComplete) started.Upload.Tell(new AbortRestore());
        }
    }
}
