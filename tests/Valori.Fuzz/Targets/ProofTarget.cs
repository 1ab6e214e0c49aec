using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Valori.Fuzz.Corpus;
using Valori.Kernel;

namespace Valori.Fuzz.Targets;

/// <summary>
/// Proofs in both forms (docs/formats.md, section 15), as they come from whoever wants to be believed. The first byte of an input
/// says which sample the others are verified against. Declared: a refusal of kind <see cref="RefusalKind.InvalidProof"/>; what
/// holds is a sample, in one of its forms.
/// </summary>
internal static class ProofTarget
{
    private static readonly Lazy<Sample[]> Samples = new(() => [.. MakeSamples()]);

    // As in HostileProofTests, which stand beside the verifier; more is taken by what compares a proof that holds with the samples.
    private static readonly AllocationBound Allocation = new(Allocating.OneThread, 128 << 10, 20);

    public static readonly FuzzTarget Binary = new(
        "proof", Attack, new Lazy<IReadOnlyList<byte[]>>(() => Corpus(sample => sample.Bytes)), Syntax.Binary, Allocation, Rounds: 20_000);

    public static readonly FuzzTarget Json = new(
        "proof-json", Attack, new Lazy<IReadOnlyList<byte[]>>(() => Corpus(sample => sample.Json)), Syntax.Text, Allocation, Rounds: 10_000);

    private sealed record Sample(byte[] Bytes, byte[] Json, Func<byte[], Refusal?> Verify)
    {
        public JsonNode Parsed { get; } = JsonNode.Parse(Json)!;
    }

    public static void Attack(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        Sample sample = Samples.Value[input[0] % Samples.Value.Length];
        byte[] proof = input[1..].ToArray();
        if (sample.Verify(proof) is { } refusal)
        {
            BrokenPromiseException.ThrowIf(refusal.Kind != RefusalKind.InvalidProof, $"refused as {refusal.Kind}");
            return;
        }
        // Samples of one state hold against each other's state hash, and so does the proof of one place against itself.
        BrokenPromiseException.ThrowIf(!Samples.Value.Any(other => proof.AsSpan().SequenceEqual(other.Bytes)) && !IsJsonOfSample(proof), "a proof holds that is none");
        Verdict.Accepted();
    }

    private static bool IsJsonOfSample(byte[] proof)
    {
        try
        {
            JsonNode? json = JsonNode.Parse(proof);
            return Samples.Value.Any(sample => JsonNode.DeepEquals(sample.Parsed, json));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static List<byte[]> Corpus(Func<Sample, byte[]> form) => [.. Samples.Value.Select((sample, i) => (byte[])[(byte)i, .. form(sample)])];

    private static IEnumerable<Sample> MakeSamples()
    {
        ValoriKernel kernel = SampleStates.Full(3);
        View view = kernel.TakeView();
        for (ulong id = 0; id < 4; id++)
        {
            yield return Inclusion(view, view.Prove(new RecordId(id)).Value!);
            yield return Inclusion(view, view.Prove(new NodeId(id)).Value!);
            if (id < view.EdgeSlots) yield return Inclusion(view, view.Prove(new EdgeId(id)).Value!);
        }
        View scaled = SampleStates.Full(new EngineSchema(3, Metric.Cosine, -2)).TakeView();
        for (ulong id = 1; id < 3; id++)
        {
            yield return Inclusion(scaled, scaled.Prove(new RecordId(id)).Value!);
            yield return Inclusion(scaled, scaled.Prove(new NodeId(id)).Value!);
        }
        View attributed = SampleStates.Attributed(3).TakeView();
        for (ulong id = 9; id < 18; id++) yield return Inclusion(attributed, attributed.Prove(new RecordId(id)).Value!);
        for (ulong id = 4; id < attributed.NodeSlots; id++) yield return Inclusion(attributed, attributed.Prove(new NodeId(id)).Value!);
        for (ulong id = 3; id < attributed.EdgeSlots; id++) yield return Inclusion(attributed, attributed.Prove(new EdgeId(id)).Value!);
        History history = SampleStates.HistoryOf(kernel, 70);
        foreach ((int from, int to) in ((int, int)[])[(1, 1), (1, 2), (2, 2), (3, 7), (4, 8), (6, 7), (33, 70)])
        {
            HistoryPlace earlier = PlaceOf(history, kernel, from), later = PlaceOf(history, kernel, to);
            HistoryProof proof = history.Prove(from, to);
            yield return new Sample(proof.ToBytes(), Encoding.UTF8.GetBytes(proof.ToJson()), bytes => ProofVerifier.VerifyHistory(bytes, earlier, later));
        }
    }

    private static Sample Inclusion(View view, InclusionProof proof)
    {
        Digest stateHash = view.StateHash;
        return new Sample(
            proof.ToBytes(), Encoding.UTF8.GetBytes(proof.ToJson()), bytes => ProofVerifier.VerifyInclusion(bytes, stateHash).TryGet(out _, out Refusal? refusal) ? null : refusal);
    }

    private static HistoryPlace PlaceOf(History history, ValoriKernel kernel, int sequenceNr) =>
        new(sequenceNr, history.TimeOf(sequenceNr), kernel.StateHash, history.ChainOf(sequenceNr), history.RootAt(sequenceNr));
}
