namespace Valori.Host.Operations;

internal sealed record SaveRequest;

/// <param name="Snapshot">The bytes of a snapshot file; carrying the request out disposes it.</param>
internal sealed record RestoreRequest(Stream Snapshot);

/// <summary>A snapshot was written.</summary>
/// <param name="Path">A file on the server, or a description of the place if snapshots are kept in a database.</param>
internal sealed record SavedAnswer(string Path);

/// <summary>Snapshots.</summary>
internal static class SnapshotOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<SaveRequest, SavedAnswer>(OperationKind.Admin, "save", "POST /save",
            "Writes a snapshot of the latest state.",
            async (on, _, stop) => new SavedAnswer(await on.Engine.SaveAsync(stop))),
        new Operation<RestoreRequest, DoneAnswer>(OperationKind.Admin, "restore", "POST /restore",
            "Makes a snapshot the state of a collection.",
            async (on, request, stop) =>
            {
                await using Stream snapshot = request.Snapshot;
                return DoneAnswer.Of(await on.Engine.RestoreAsync(snapshot, stop));
            }),
    ];
}
