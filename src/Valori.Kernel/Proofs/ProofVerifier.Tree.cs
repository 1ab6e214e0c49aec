using System.Numerics;
using Valori.Kernel.Blake3;

namespace Valori;

/// <content>
/// The tree of RFC 9162 section 2.1 (section 5 of docs/formats.md in Valori's repository), seen from a path. A path is its digests, one
/// after the other.
/// </content>
public static partial class ProofVerifier
{
    private static readonly HashContext InteriorContext = new("Valori 2026-11-22 v1 merkle interior");

    /// <summary>
    /// The root over a path from one of count leaves, RFC 9162 section 2.1.3.2. The path has the length that
    /// <see cref="CheckInclusionLength"/> demands.
    /// </summary>
    private static Digest FoldInclusion(Digest leaf, ulong index, ulong count, ReadOnlySpan<byte> path)
    {
        Digest root = leaf;
        Climb climb = new(index, count - 1);
        for (; climb.MeetsSibling(out bool isLeft); path = path[Digest.SizeBytes..])
        {
            Digest sibling = Digest.Read(path[..Digest.SizeBytes]);
            root = isLeft ? HashInterior(sibling, root) : HashInterior(root, sibling);
        }
        return root;
    }

    /// <summary>
    /// The roots over the first <paramref name="from"/> and <paramref name="to"/> leaves by a consistency proof between them, RFC 9162
    /// section 2.1.4.2, with 1 &lt;= from &lt; to. The path has the length that <see cref="CheckConsistencyLength"/> demands.
    /// </summary>
    /// <param name="fromRoot">Where the older tree is one complete subtree of the newer, the proof leaves it out: its root is this.</param>
    private static (Digest From, Digest To) FoldConsistency(ulong from, ulong to, Digest fromRoot, ReadOnlySpan<byte> path)
    {
        Digest older = fromRoot;
        if (!BitOperations.IsPow2(from))
        {
            older = Digest.Read(path[..Digest.SizeBytes]);
            path = path[Digest.SizeBytes..];
        }
        Digest newer = older;
        Climb climb = ClimbFromSharedSubtree(from, to);
        for (; climb.MeetsSibling(out bool isLeft); path = path[Digest.SizeBytes..])
        {
            Digest sibling = Digest.Read(path[..Digest.SizeBytes]);
            // What stands to the left is in both trees, what stands to the right only in the newer.
            if (isLeft) older = HashInterior(sibling, older);
            newer = isLeft ? HashInterior(sibling, newer) : HashInterior(newer, sibling);
        }
        return (older, newer);
    }

    private static Refusal? CheckInclusionLength(ReadOnlySpan<byte> path, ulong index, ulong count, string what) =>
        CheckLength(path, new Climb(index, count - 1).CountSiblings(), what, $"leaf {index} of {count}");

    private static Refusal? CheckConsistencyLength(ReadOnlySpan<byte> path, ulong from, ulong to)
    {
        int digests = from == to ? 0 : ClimbFromSharedSubtree(from, to).CountSiblings() + (BitOperations.IsPow2(from) ? 0 : 1);
        return CheckLength(path, digests, "consistency proof", $"the first {from} of {to} leaves");
    }

    private static Refusal? CheckLength(ReadOnlySpan<byte> path, int digests, string what, string tree)
    {
        int found = path.Length / Digest.SizeBytes;
        return found == digests ? null : Invalid($"expected {digests} digests in the {what} ({tree}), found {found}");
    }

    /// <summary>
    /// Starts at the largest complete subtree that ends with the older tree's last leaf: RFC 9162 section 2.1.4.2, step 4.
    /// </summary>
    private static Climb ClimbFromSharedSubtree(ulong from, ulong to)
    {
        int level = BitOperations.TrailingZeroCount(from);
        return new Climb((from - 1) >> level, (to - 1) >> level);
    }

    private static Digest HashInterior(in Digest left, in Digest right)
    {
        Span<byte> both = stackalloc byte[2 * Digest.SizeBytes];
        left.CopyTo(both);
        right.CopyTo(both[Digest.SizeBytes..]);
        return InteriorContext.Hash(both);
    }

    /// <summary>
    /// The way from a node up to the root, level by level: the <c>fn</c> and <c>sn</c> of RFC 9162 sections 2.1.3.2 and 2.1.4.2.
    /// </summary>
    /// <param name="index">The node's index in its level.</param>
    /// <param name="last">Index of the last node in that level, not below the other.</param>
    private struct Climb(ulong index, ulong last)
    {
        /// <summary>Goes up to the next node that has a sibling, and above it. False at the root.</summary>
        public bool MeetsSibling(out bool isLeft)
        {
            bool meets = isLeft = false;
            while (!meets && last > 0)
            {
                // The last node of an odd level has no sibling: it stands in the next level as it is.
                isLeft = (index & 1) == 1;
                meets = isLeft || index < last;
                index >>= 1;
                last >>= 1;
            }
            return meets;
        }

        public int CountSiblings()
        {
            Climb rest = this;
            int siblings = 0;
            while (rest.MeetsSibling(out _)) siblings++;
            return siblings;
        }
    }
}
