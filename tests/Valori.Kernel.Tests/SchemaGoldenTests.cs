using System.Globalization;
using System.Text;
using System.Text.Json;
using Valori.Kernel.Snapshots;
using Valori.Kernel.Vectors;
using Valori.Protocol;

namespace Valori.Kernel.Tests;

/// <summary>
/// Collections with a metric and a scale against <c>vectors/schema.json</c>, which a program without any code of Valori computed after
/// docs/formats.md, with exact fractions and a BLAKE3 of its own. If one of its values has to change, compatibility is broken.
/// </summary>
public sealed class SchemaGoldenTests
{
    private static readonly JsonElement File = Golden.Json("schema.json");

    public static TheoryData<int> Engines => [.. Enumerable.Range(0, File.GetProperty("engines").GetArrayLength())];

    [Fact]
    public void Floats_become_the_raw_values_of_the_reference_or_are_refused_as_there()
    {
        int refused = 0;
        foreach (JsonElement example in File.GetProperty("conversions").EnumerateArray())
        {
            float[] components = FloatsOf(example.GetProperty("components"));
            JsonElement expected = example.GetProperty("raw");
            Outcome<VectorBlock> outcome = VectorBlock.FromVector(SchemaOf(example, components.Length), components);
            bool isRefused = expected.ValueKind == JsonValueKind.Null;
            Assert.True(isRefused == (outcome.Refusal is not null), $"{example}: {outcome.Refusal?.Message}");
            if (isRefused) refused++;
            else Assert.True(IntsOf(expected).SequenceEqual(RawOf(outcome.Value!, 0)), $"{example}: {string.Join(' ', RawOf(outcome.Value!, 0))}");
        }
        Assert.InRange(refused, 100, 300);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void State_hashes_hits_limits_proofs_and_snapshots_are_those_of_the_reference(int index)
    {
        JsonElement engine = File.GetProperty("engines")[index];
        EngineSchema schema = SchemaOf(engine, engine.GetProperty("dimension").GetInt32());
        ValoriKernel kernel = new(schema);
        Assert.Equal(Text("empty_state_hash"), kernel.StateHash.ToString());

        VectorBlock vectors = VectorBlock.FromComponents(schema, [.. engine.GetProperty("vectors").EnumerateArray().SelectMany(FloatsOf)]).Value!;
        foreach ((JsonElement raw, int row) in engine.GetProperty("raw").EnumerateArray().Select((raw, row) => (raw, row))) Assert.Equal(IntsOf(raw), RawOf(vectors, row));
        kernel.Apply(new InsertRecords(vectors, engine.GetProperty("tags").EnumerateArray().Select(tag => tag.GetUInt64()).ToArray()));
        View view = kernel.TakeView();
        Assert.Equal(Text("state_hash"), view.StateHash.ToString());

        SearchQuery query = new(VectorBlock.FromVector(schema, FloatsOf(engine.GetProperty("query"))).Value!, vectors.Count);
        SearchHit[] hits = view.Search(query).Value!;
        Assert.Equal(
            engine.GetProperty("hits").EnumerateArray().Select(hit => (hit.GetProperty("id").GetUInt64(), hit.GetProperty("score").GetInt64(), Shown(hit, "distance"), Shown(hit, "similarity"))),
            hits.Select(hit => (hit.Id.Value, hit.Score, hit.Distance, hit.Similarity)));
        SearchQuery four = query with { K = 4 };
        Assert.Equal(Text("digest"), SearchDigest.Compute(view.StateHash, four, view.Search(four).Value!).ToString());

        double threshold = HexFloat(Text("threshold"));
        SearchQuery limited = query.WithLimits(schema, schema.Metric == Metric.L2 ? threshold : null, schema.Metric == Metric.L2 ? null : threshold).Value!;
        Assert.Equal(engine.GetProperty("score_limit").GetInt64(), limited.ScoreLimit);
        SearchHit[] within = view.Search(limited).Value!;
        Assert.Equal(hits[..engine.GetProperty("hits_within").GetInt32()], within);
        Assert.Equal(Text("limited_digest"), SearchDigest.Compute(view.StateHash, limited, within).ToString());

        RecordId proven = new(engine.GetProperty("proven_record").GetUInt64());
        InclusionProof proof = view.Prove(proven).Value!;
        Assert.Equal(Text("proof"), Convert.ToHexStringLower(proof.ToBytes()));
        Assert.Equal(Text("proof_json").Replace(" ", ""), proof.ToJson());
        foreach (byte[] form in new[] { Convert.FromHexString(Text("proof")), Encoding.UTF8.GetBytes(Text("proof_json")) })
            Assert.Equal(RawOf(vectors, (int)proven.Value), Assert.IsType<ProvenRecord>(ProofVerifier.VerifyInclusion(form, view.StateHash).Value).Content!.Vector.ToArray());

        History history = new();
        history.Extend(1_795_478_400_000_000, view.StateHash, view.Version);
        using MemoryStream written = new();
        SnapshotWriter.Write(written, view, new SnapshotHeader(1, history.UnixMicroseconds, history.Chain, view.StateHash, history.FrontierAt(1)));
        Assert.Equal(Text("snapshot"), Convert.ToHexStringLower(written.ToArray()));
        ValoriKernel read = SnapshotReader.Read(new MemoryStream(written.ToArray()), "test").Kernel;
        Assert.Equal((schema, kernel.StateHash), (read.Schema, read.StateHash));
        Assert.Equal(hits, read.TakeView().Search(query).Value!);

        string Text(string name) => engine.GetProperty(name).GetString()!;
    }

    private static EngineSchema SchemaOf(JsonElement json, int dimension) =>
        new(dimension, MetricNames.Find(json.GetProperty("metric").GetString()!)!.Value, json.GetProperty("scale_exponent").GetInt32());

    private static float[] FloatsOf(JsonElement bits) => [.. bits.EnumerateArray().Select(one => BitConverter.UInt32BitsToSingle(one.GetUInt32()))];

    private static int[] IntsOf(JsonElement numbers) => [.. numbers.EnumerateArray().Select(one => one.GetInt32())];

    private static int[] RawOf(VectorBlock block, int row)
    {
        int[] raw = new int[block.Dimension];
        block.CopyRow(row, raw);
        return raw;
    }

    private static double Shown(JsonElement hit, string name) => hit.TryGetProperty(name, out JsonElement value) ? HexFloat(value.GetString()!) : double.NaN;

    /// <summary>Python's form of a float64, as in <c>0x1.8p-3</c>.</summary>
    private static double HexFloat(string text)
    {
        bool isNegative = text[0] == '-';
        string[] parts = text.TrimStart('-')[2..].Split('.', 'p');
        double mantissa = ulong.Parse(parts[0] + parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        double value = Math.ScaleB(mantissa, int.Parse(parts[2], CultureInfo.InvariantCulture) - 4 * parts[1].Length);
        return isNegative ? -value : value;
    }
}
