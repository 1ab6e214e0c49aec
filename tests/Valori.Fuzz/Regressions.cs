using Valori.Fuzz.Targets;
using Valori.Kernel.Snapshots;

namespace Valori.Fuzz;

/// <summary>An input that was a find once.</summary>
/// <param name="Name">What was wrong.</param>
internal sealed record Regression(string Name, string Target, Func<byte[]> Input);

/// <summary>What the targets found, and what was put right since.</summary>
internal static class Regressions
{
    public static readonly IReadOnlyList<Regression> All =
    [
        new("a dimension of 2^32 - 1 in a journal entry was an overflow", "journal-entry", () => Convert.FromBase64String(
            "UgMIgAOSACD5xbCq5FP8B52aSkaBtO7+fwEzok51fks/CWi+6QoLfBogAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABShgAI/////w8=")),
        new("a damaged snapshot in a snapshot store was no serialization error", "message", () => MessageTarget.Input("S", [1, 2, 3])),
        new("text that is not UTF-8 in the place of base64 was an internal error", "http", () =>
            [.. "PUT /v1/collections/notes/records/1/metadata\n\n{\"metadata\":\""u8, 0xA2, .. "\"}"u8]),
        new("a block without live records had two forms", "snapshot", () =>
        {
            byte[] snapshot = SnapshotTarget.OnlyTombstones(blocks: 2);
            snapshot[SnapshotHeader.SizeBytes + 28 + 2] = 4;
            return snapshot;
        }),
        new("five bytes of a snapshot took 2 MiB for vectors of tombstones", "snapshot", () => SnapshotTarget.OnlyTombstones(blocks: 2_000)),
        new("a float64 that is a power of two was its neighbour after it was JSON", "filter", () => Convert.FromBase64String("BgEDAGtleQMAAAAAAAAQBA==")),
        new("a refusal held all digits of a number", "filter-text", () => [.. "tag = "u8, .. Enumerable.Repeat((byte)'1', 5_000)]),
    ];
}
