using System.Text.Json.Nodes;

namespace Valori.Kernel.Tests.Proofs;

/// <summary>A proof in both forms beside what it is verified against.</summary>
/// <param name="Verify">Null if the bytes are a proof that holds.</param>
public sealed record ProofSample(string Name, byte[] Bytes, JsonObject Json, Func<byte[], Refusal?> Verify)
{
    public override string ToString() => Name;
}

/// <summary>A handful of proofs of every kind and shape.</summary>
internal static class ProofSamples
{
    private static readonly NaiveState State = new(20, 12, 12);
    private static readonly NaiveHistory History = NaiveHistory.OfLength(70);

    /// <summary>Records without (0) and with (2, 6) metadata and deleted (3), with a key (5), with all attributes (11) and without a key (17), nodes and edges, in trees of several shapes.</summary>
    public static IEnumerable<ProofSample> Inclusions =>
    [
        Inclusion(1, 0, 1, 0, 0), Inclusion(1, 2, 7, 3, 2), Inclusion(1, 3, 4, 5, 6), Inclusion(1, 6, 20, 1, 1), Inclusion(1, 5, 6, 2, 2),
        Inclusion(1, 11, 19, 1, 2), Inclusion(1, 17, 18, 0, 0), Inclusion(2, 0, 5, 1, 0),
        Inclusion(2, 4, 5, 12, 9), Inclusion(2, 2, 5, 3, 0), Inclusion(3, 2, 5, 6, 3), Inclusion(3, 5, 5, 6, 12),
        InclusionOf(1, 0, 1, 0, 7, 3, 2), InclusionOf(2, 6, 1, 2, 7, 3, 2), InclusionOf(0, -16, 2, 2, 5, 3, 0), InclusionOf(1, 14, 3, 2, 5, 6, 3),
    ];

    public static IEnumerable<ProofSample> Histories =>
    [
        InHistory(1, 1), InHistory(1, 2), InHistory(2, 2), InHistory(3, 7), InHistory(4, 8), InHistory(6, 7), InHistory(7, 7),
        InHistory(33, 70),
    ];

    public static IEnumerable<ProofSample> All => [.. Inclusions, .. Histories];

    public static NaiveInclusion Naive(ProofSample sample) => Plain(sample) with
    {
        Metric = (byte)Math.Max(0, Array.IndexOf(["l2", "cosine", "dot"], (string?)sample.Json["metric"])),
        ScaleExponent = (sbyte?)sample.Json["scale_exponent"] ?? 0,
    };

    private static NaiveInclusion Plain(ProofSample sample) => State.Prove(
        (byte)(1 + Array.IndexOf(["record", "node", "edge"], (string?)sample.Json["kind"])),
        int.Parse(sample.Name.Split(' ')[1]),
        (ulong)sample.Json["records"]!["count"]!,
        (ulong)sample.Json["nodes"]!["count"]!,
        (ulong)sample.Json["edges"]!["count"]!);

    public static NaiveHistoryProof NaiveHistoryOf(ProofSample sample) => History.Prove((int)sample.Json["from"]!, (int)sample.Json["to"]!);

    public static (HistoryPlace Earlier, HistoryPlace Later) PlacesOf(ProofSample sample) =>
        (History.Place((int)sample.Json["from"]!), History.Place((int)sample.Json["to"]!));

    private static ProofSample Inclusion(byte kind, int id, params ulong[] counts) => InclusionOf(0, 0, kind, id, counts);

    /// <summary>A proof in a collection with a metric and a scale.</summary>
    private static ProofSample InclusionOf(byte metric, sbyte scaleExponent, byte kind, int id, params ulong[] counts)
    {
        NaiveInclusion proof = State.Prove(kind, id, counts) with { Metric = metric, ScaleExponent = scaleExponent };
        Digest stateHash = proof.StateHash();
        return new ProofSample(
            $"{(string?)proof.ToJson()["kind"]} {id} of {string.Join(", ", counts)}{(metric == 0 && scaleExponent == 0 ? "" : $", metric {metric}, scale 2^{scaleExponent}")}",
            proof.ToBytes(),
            Reread(proof.ToJson()),
            bytes =>
            {
                Outcome<ProvenContent> outcome = ProofVerifier.VerifyInclusion(bytes, stateHash);
                // A proof that holds shows what it should: nothing else has this state hash.
                if (outcome.TryGet(out ProvenContent? content, out Refusal? refusal))
                    Assert.Equal(State.Text(kind, id), NaiveState.Describe(content));
                return refusal;
            });
    }

    private static ProofSample InHistory(int from, int to)
    {
        NaiveHistoryProof proof = History.Prove(from, to);
        return new ProofSample(
            $"history {from} to {to}",
            proof.ToBytes(),
            Reread(proof.ToJson()),
            bytes => ProofVerifier.VerifyHistory(bytes, History.Place(from), History.Place(to)));
    }

    /// <summary>Numbers that were read convert to every type; those that were set, to their own alone.</summary>
    private static JsonObject Reread(JsonObject json) => JsonNode.Parse(json.ToJsonString())!.AsObject();
}
