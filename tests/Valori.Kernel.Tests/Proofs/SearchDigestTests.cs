using System.Buffers.Binary;

namespace Valori.Kernel.Tests.Proofs;

/// <summary>The digest of a search, recomputed from the table of docs/formats.md.</summary>
public sealed class SearchDigestTests
{
    private static readonly Digest State = Digest.Of("state"u8), Base = Digest.Of("base"u8), Graph = Digest.Of("graph"u8);

    private static readonly SearchHit[] Hits = [new(new RecordId(3), 9), new(new RecordId(1), 12)];

    private static SearchQuery Query { get; } = new(VectorBlock.FromVector(2, [0.5f, -1]).Value!, 2) { Mode = SearchMode.Approximate(48) };

    [Fact]
    public void The_answer_of_a_graph_is_bound_to_the_graph_its_state_and_the_beam()
    {
        List<byte> bytes = [];
        Add32(5);
        bytes.AddRange(State.ToArray());
        Add32(2);
        Add32(32_768);
        Add32(unchecked((uint)-65_536));
        Add64(2);
        bytes.AddRange(new byte[9 + 9]);
        Add32(0);
        Add64(0);
        bytes.AddRange([.. Base.ToArray(), .. Graph.ToArray()]);
        Add32(48);
        foreach (ulong number in new ulong[] { 2, 3, 9, 1, 12 }) Add64(number);
        Digest expected = new HashContext("Valori 2026-11-25 v1 search receipt").Hash([.. bytes]);
        Assert.Equal(expected, SearchDigest.Compute(State, Query, Hits, new GraphUse(Graph, Base, 1_000, 48)));

        void Add32(uint value)
        {
            byte[] four = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(four, value);
            bytes.AddRange(four);
        }

        void Add64(ulong value)
        {
            byte[] eight = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(eight, value);
            bytes.AddRange(eight);
        }
    }

    [Fact]
    public void Another_graph_another_state_of_it_or_another_beam_is_another_digest()
    {
        GraphUse graph = new(Graph, Base, 1_000, 48);
        Digest[] digests =
        [
            SearchDigest.Compute(State, Query, Hits), SearchDigest.Compute(State, Query, Hits, graph), SearchDigest.Compute(State, Query, Hits, graph with { Digest = Base }),
            SearchDigest.Compute(State, Query, Hits, graph with { StateHash = Graph }), SearchDigest.Compute(State, Query, Hits, graph with { Beam = 49 }),
        ];
        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    [Fact]
    public void An_approximate_search_that_was_answered_exactly_has_the_digest_of_the_exact_one() =>
        Assert.Equal(SearchDigest.Compute(State, Query with { Mode = SearchMode.Exact }, Hits), SearchDigest.Compute(State, Query, Hits));
}
