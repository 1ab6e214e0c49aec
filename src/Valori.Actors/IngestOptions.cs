using Valori.Protocol;

namespace Valori;

/// <summary>How <see cref="ValoriStreams"/> ingests.</summary>
public sealed record IngestOptions
{
    /// <summary>Content of a batch, in bytes. A batch is one event. One that is larger than a message between processes is sent in chunks.</summary>
    public int BatchBytes { get; init; } = 1 << 20;

    /// <summary>Records of a batch.</summary>
    public int BatchRecords { get; init; } = 16_384;

    /// <summary>
    /// Batches that wait for their answers at once. Upserts and streams with a name go one after another whatever it is: if an upsert had to be sent
    /// again, an older record could take the place of a newer one, and if a batch of a name is refused, none after it may be carried out.
    /// </summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Whether a record replaces the one that has its key. Each needs a key then.</summary>
    public bool Upsert { get; init; }

    /// <summary>
    /// Names the stream, so that it can be run again from its beginning, in another process too: as long as the engine remembers its requests
    /// (<c>valori.remembered-requests</c>), batches that were carried out are not carried out again. The records must be the same, in the same order, with the
    /// same <see cref="BatchBytes"/> and <see cref="BatchRecords"/>. Up to 40 visible ASCII characters. Without a name only what this stream itself
    /// sends again is carried out once, and batches that are not full are sent as soon as the engine is free.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>For how long a batch is sent again if the engine recovers, is overloaded, or does not answer.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether a batch is sent only when the one before was carried out.</summary>
    internal bool IsOneAfterAnother => Upsert || Name is not null;

    /// <exception cref="ArgumentException">A value is not allowed.</exception>
    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchRecords, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Parallelism, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryFor, TimeSpan.Zero);
        if (Name is not null && (Name.Length > MaximumNameLength || !RequestId.Of(Name).TryGet(out _, out _)))
            throw new ArgumentException($"the name of a stream must have 1 to {MaximumNameLength} visible ASCII characters, and is '{Name}'", nameof(Name));
    }

    // The rest of a request id is for the number of the first record of a batch.
    private const int MaximumNameLength = 40;
}
