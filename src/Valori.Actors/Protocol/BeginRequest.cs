namespace Valori.Protocol;

/// <summary>
/// Begins the upload of a request that is larger than one message between processes. Answered with <see cref="RestoreStarted"/>: send its bytes there as
/// <see cref="RestoreChunk"/> and then <see cref="CompleteRestore"/>, whose answer is that of the request.
/// </summary>
/// <param name="Manifest">Of the request (section 13 of docs/formats.md in Valori's repository): <c>command</c>, <c>request</c>, <c>query</c> or <c>envelope</c>.</param>
/// <param name="TotalBytes">Of the request.</param>
public sealed record BeginRequest(string Manifest, int TotalBytes) : IWireMessage
{
    // Of a request besides the content that valori.max-batch-bytes counts.
    private const long MoreBytes = 16 << 20;

    /// <summary>Why there is no such upload, or null.</summary>
    internal Refusal? Check(long maximumBatchBytes) =>
        Manifest is not ("command" or "request" or "query" or "envelope")
            ? new Refusal(RefusalKind.InvalidArgument, "manifest must be command, request, query or envelope")
        : TotalBytes < 1 ? new Refusal(RefusalKind.InvalidArgument, $"total_bytes is {TotalBytes}; it must be at least 1")
        : TotalBytes > maximumBatchBytes + MoreBytes
            ? new Refusal(RefusalKind.LimitExceeded, $"the request has {TotalBytes} bytes; the limit is {maximumBatchBytes + MoreBytes} (valori.max-batch-bytes and 16 MiB): split it")
        : null;
}
