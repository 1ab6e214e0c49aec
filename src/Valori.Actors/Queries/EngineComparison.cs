using Akka.Actor;
using Valori.Kernel.Merkle;
using Valori.Protocol;

namespace Valori.Actors.Queries;

/// <summary>
/// Finds where two engines differ by descending their Merkle trees from the largest subtrees that both have: where two digests
/// are equal, so is everything below, and d differences cost O(d log n) digests. One round of questions a level, so that it
/// works between processes.
/// </summary>
/// <param name="limit">The maximum number of differences to find.</param>
internal sealed class EngineComparison(ComparedSide mine, ComparedSide other, int limit)
{
    // Half of what one question may have: the answer fits Akka.Remote's default frame.
    private const int PlacesOfAQuestion = TreeDigests.MaximumPlaces / 2;

    private readonly List<Difference> _differences = [];
    private bool _isComplete = true;
    private long _digestsRead;

    /// <param name="mine">Gateway of one engine.</param>
    /// <param name="other">Gateway of the other.</param>
    /// <param name="timeout">For each answer.</param>
    public EngineComparison(IActorRef mine, IActorRef other, int limit, TimeSpan timeout)
        : this(new ComparedEngine(mine, timeout), new ComparedEngine(other, timeout), limit)
    {
    }

    /// <exception cref="RefusedException">
    /// The engines have different schemas, or one of them cannot go back to the state that it had at the start any more.
    /// </exception>
    /// <exception cref="EngineException">One of the engines could not answer.</exception>
    public async Task<Comparison> RunAsync()
    {
        EngineStatus myStatus = await mine.StatusAsync().ConfigureAwait(false);
        EngineStatus otherStatus = await other.StatusAsync().ConfigureAwait(false);
        // A tombstone has no vector: without this, different states could come out as no difference.
        if (myStatus.Schema.DifferenceFrom(otherStatus.Schema) is var (mySchema, otherSchema))
        {
            throw new RefusedException(new Refusal(RefusalKind.Conflict,
                $"collection '{myStatus.Name}' has {mySchema}, collection '{otherStatus.Name}' has {otherSchema}: only collections of the same dimension, metric and scale can be compared"));
        }
        // Equal state hashes: equal content, and nothing to descend into.
        if (myStatus.StateHash != otherStatus.StateHash)
        {
            await CompareAsync(ContentKind.Record, myStatus.RecordSlots, otherStatus.RecordSlots).ConfigureAwait(false);
            await CompareAsync(ContentKind.Node, myStatus.NodeSlots, otherStatus.NodeSlots).ConfigureAwait(false);
            await CompareAsync(ContentKind.Edge, myStatus.EdgeSlots, otherStatus.EdgeSlots).ConfigureAwait(false);
        }
        return new Comparison(myStatus.Place, otherStatus.Place, _differences, _isComplete, _digestsRead);
    }

    private async Task CompareAsync(ContentKind kind, ulong mySlots, ulong otherSlots)
    {
        ulong common = Math.Min(mySlots, otherSlots);
        List<TreePlace> leaves = [], subtrees = SubtreesOf(common);
        while (subtrees.Count > 0)
        {
            List<TreePlace> differing = await DifferingAsync(kind, subtrees).ConfigureAwait(false);
            leaves.AddRange(differing.FindAll(place => place.Level == 0));
            subtrees = differing.FindAll(place => place.Level > 0);
            // Each holds a difference at least, so the first ones are enough.
            int room = Math.Max(0, limit - _differences.Count - leaves.Count);
            if (subtrees.Count > room)
            {
                _isComplete = false;
                subtrees.RemoveRange(room, subtrees.Count - room);
            }
            subtrees = [.. subtrees.SelectMany(place => new[] { place.Halves.Left, place.Halves.Right })];
        }
        foreach (TreePlace leaf in leaves.OrderBy(leaf => leaf.Position))
        {
            if (_differences.Count < limit) _differences.Add(new Difference(kind, leaf.Position, DifferenceKind.Content));
            else _isComplete = false;
        }
        DifferenceKind onlyIn = mySlots > otherSlots ? DifferenceKind.OnlyInThis : DifferenceKind.OnlyInOther;
        for (ulong id = common; id < Math.Max(mySlots, otherSlots); id++)
        {
            if (_differences.Count >= limit)
            {
                _isComplete = false;
                break;
            }
            _differences.Add(new Difference(kind, id, onlyIn));
        }
    }

    /// <summary>The complete subtrees that so many leaves fall into, from the first leaf on.</summary>
    private static List<TreePlace> SubtreesOf(ulong leaves)
    {
        List<TreePlace> subtrees = [];
        for (int level = 63; level >= 0; level--)
        {
            if ((leaves >> level & 1) != 0) subtrees.Add(new TreePlace(level, (leaves >> level) - 1));
        }
        return subtrees;
    }

    private async Task<List<TreePlace>> DifferingAsync(ContentKind kind, List<TreePlace> places)
    {
        List<TreePlace> differing = [];
        foreach (TreePlace[] part in places.Chunk(PlacesOfAQuestion))
        {
            Task<IReadOnlyList<Digest>> myAnswer = mine.DigestsAsync(kind, part), otherAnswer = other.DigestsAsync(kind, part);
            IReadOnlyList<Digest> myDigests = await myAnswer.ConfigureAwait(false), otherDigests = await otherAnswer.ConfigureAwait(false);
            // Of another process, which may send anything.
            if (myDigests.Count != part.Length || otherDigests.Count != part.Length)
                throw new EngineException(EngineFailureKind.Stopped, $"asked for {part.Length} digests, got {myDigests.Count} and {otherDigests.Count}");
            for (int i = 0; i < part.Length; i++)
            {
                if (myDigests[i] != otherDigests[i]) differing.Add(part[i]);
            }
            _digestsRead += 2 * part.Length;
        }
        return differing;
    }
}
