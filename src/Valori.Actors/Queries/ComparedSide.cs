using Akka.Actor;
using Valori.Actors.Client;
using Valori.Kernel;
using Valori.Kernel.Merkle;
using Valori.Protocol;

namespace Valori.Actors.Queries;

/// <summary>One of two states that are compared: an engine's, or one that was proven from a journal without an engine.</summary>
internal abstract class ComparedSide
{
    /// <summary>Where it is; asked once, before the digests.</summary>
    public abstract Task<EngineStatus> StatusAsync();

    /// <summary>Digests of complete subtrees of the state that the status was of.</summary>
    public abstract Task<IReadOnlyList<Digest>> DigestsAsync(ContentKind kind, IReadOnlyList<TreePlace> places);
}

/// <summary>An engine, here or in another process. It may go on: the state that it had when it was asked first is compared.</summary>
/// <param name="timeout">For each answer.</param>
internal sealed class ComparedEngine(IActorRef gateway, TimeSpan timeout) : ComparedSide
{
    private AsOf? _asOf;

    public override async Task<EngineStatus> StatusAsync()
    {
        EngineStatus status = await Requests.AskAsync<EngineStatus>(gateway, new GetStatus(), timeout, CancellationToken.None).ConfigureAwait(false);
        _asOf = AsOf.SequenceNr(status.SequenceNr);
        return status;
    }

    public override async Task<IReadOnlyList<Digest>> DigestsAsync(ContentKind kind, IReadOnlyList<TreePlace> places) =>
        (await Requests.AskAsync<TreeDigests>(gateway, new GetTreeDigests(kind, places) { AsOf = _asOf }, timeout, CancellationToken.None).ConfigureAwait(false)).Digests;
}

/// <summary>A state that is at hand.</summary>
internal sealed class ComparedView(EngineStatus status, View view) : ComparedSide
{
    public override Task<EngineStatus> StatusAsync() => Task.FromResult(status);

    /// <exception cref="RefusedException">A subtree is not complete in this state.</exception>
    public override Task<IReadOnlyList<Digest>> DigestsAsync(ContentKind kind, IReadOnlyList<TreePlace> places) =>
        view.GetDigests(kind, places).TryGet(out Digest[]? digests, out Refusal? refusal)
            ? Task.FromResult<IReadOnlyList<Digest>>(digests)
            : throw new RefusedException(refusal);
}
