using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Kernel.Tests;

/// <summary>What a collection with a metric and a scale takes and refuses.</summary>
public sealed class SchemaTests
{
    private static readonly EngineSchema Cosine = new(3, Metric.Cosine);

    [Theory]
    [InlineData(0, Metric.L2, 0, "dimension is 0; it must be in 1..65536")]
    [InlineData(65_537, Metric.L2, 0, "dimension is 65537; it must be in 1..65536")]
    [InlineData(3, (Metric)3, 0, "metric is 3; it must be l2, cosine or dot")]
    [InlineData(3, Metric.Dot, 17, "scale is 2^17; it must be in 2^-16..2^16")]
    [InlineData(3, Metric.Dot, -17, "scale is 2^-17; it must be in 2^-16..2^16")]
    [InlineData(3, Metric.Cosine, 15, "scale is 32768; with the metric cosine it must be at most 16384, because every vector has the norm 1")]
    public void A_schema_that_there_cannot_be_is_refused_with_its_value(int dimension, Metric metric, int scaleExponent, string expected)
    {
        Assert.Equal(expected, EngineSchema.Check(dimension, metric, scaleExponent)!.Message);
        Assert.Contains(expected, Assert.Throws<ArgumentOutOfRangeException>(() => new EngineSchema(dimension, metric, scaleExponent)).Message);
    }

    [Theory]
    [InlineData(64, 6)]
    [InlineData(1, 0)]
    [InlineData(65_536, 16)]
    [InlineData(0.0000152587890625, -16)]
    [InlineData(100, null, "scale is 100; it must be a power of two from 2^-16 to 2^16: the nearest are 64 and 128")]
    [InlineData(0.3, null, "scale is 0.3; it must be a power of two from 2^-16 to 2^16: the nearest are 0.25 and 0.5")]
    [InlineData(0, null, "scale is 0; it must be a power of two from 2^-16 to 2^16: the smallest is 1.52587890625E-05")]
    [InlineData(-2, null, "scale is -2; it must be a power of two from 2^-16 to 2^16: the smallest is 1.52587890625E-05")]
    [InlineData(double.NaN, null, "scale is NaN; it must be a power of two from 2^-16 to 2^16: the smallest is 1.52587890625E-05")]
    [InlineData(131_072, null, "scale is 131072; it must be a power of two from 2^-16 to 2^16: the largest is 65536")]
    [InlineData(double.PositiveInfinity, null, "scale is Infinity; it must be a power of two from 2^-16 to 2^16: the largest is 65536")]
    public void A_scale_is_a_power_of_two_and_others_are_refused_with_the_nearest(double scale, int? exponent, string? refusal = null)
    {
        Assert.Equal(exponent, VectorScale.ExponentOf(scale));
        Assert.Equal(refusal, VectorScale.Check(scale)?.Message);
        if (exponent is { } known) Assert.Equal(scale, VectorScale.Of(known));
    }

    [Fact]
    public void With_cosine_the_length_of_a_vector_does_not_count_and_the_zero_vector_is_refused()
    {
        VectorBlock one = VectorBlock.FromVector(Cosine, [3, -4, 0]).Value!;
        Assert.Equal(one, VectorBlock.FromVector(Cosine, [3e-30f, -4e-30f, 0]).Value);
        Assert.Equal(one, VectorBlock.FromVector(Cosine, [3e30f, -4e30f, -0f]).Value);
        int[] raw = new int[3];
        one.CopyRow(0, raw);
        Assert.Equal([39_322, -52_429, 0], raw);
        Assert.Equal("all components are zero: such a vector has no direction, and the metric of the collection is cosine", VectorBlock.FromVector(Cosine, [0, -0f, 0]).Refusal!.Message);
        Assert.StartsWith("vector 1: all components are zero", VectorBlock.FromComponents(Cosine, [1, 0, 0, 0, 0, 0]).Refusal!.Message);
        Assert.Equal("component 1 is Infinity, which is not finite", VectorBlock.FromVector(Cosine, [0, float.PositiveInfinity, 0]).Refusal!.Message);
        Assert.Contains("round to zero after normalisation", VectorBlock.FromVector(new EngineSchema(4, Metric.Cosine, -16), [1, 1, 1, 1]).Refusal!.Message);
    }

    [Fact]
    public void Messages_name_the_limits_of_the_scale()
    {
        EngineSchema schema = new(2, scaleExponent: 6);
        Assert.Equal("component 1 is 512, outside Q16.16 with the scale 64: it must be at least -512 and less than 512", VectorBlock.FromVector(schema, [1, 512]).Refusal!.Message);
        Assert.NotNull(VectorBlock.FromVector(schema, [-350, 0]).Value);
        Assert.Contains("must stay below 362.0387 (2^14.5 / 64, the scale)", VectorBlock.FromVector(schema, [-400, 0]).Refusal!.Message);
        Assert.Contains("has steps of 2^-22.", VectorBlock.FromVector(schema, [1e-8f, 0]).Refusal!.Message);
        Assert.Equal(1e-3f, schema.ToSingle(RawOf(VectorBlock.FromVector(schema, [1e-3f, 0]).Value!)[0]), 1e-6f);
    }

    [Fact]
    public void Raw_values_that_are_not_normalised_are_refused_wherever_they_come_from()
    {
        ValoriKernel kernel = new(Cosine);
        VectorBlock good = VectorBlock.FromComponents(Cosine, [1, 2, 3, -1, 0, 0]).Value!, zero = VectorBlock.FromVector(3, [0, 0, 0]).Value!, half = VectorBlock.FromVector(3, [0.5f, 0, 0]).Value!;
        foreach (VectorBlock bad in new[] { zero, half })
        {
            Assert.Contains("vector 0 is not normalised, and the metric of the collection is cosine", kernel.Decide(new InsertRecords(bad, new ulong[1])).Refusal!.Message);
            Assert.Contains("vector 0 is not normalised", kernel.TakeView().Search(new SearchQuery(bad, 1)).Refusal!.Message);
            Assert.Throws<ArgumentException>(() => kernel.Apply(new RecordsInserted(new RecordId(0), bad, new ulong[1])));
        }
        Assert.Equal(0UL, kernel.TakeView().RecordSlots);
        kernel.Apply(new InsertRecords(good, new ulong[2]));
        Assert.Equal(2UL, kernel.TakeView().RecordCount);
    }

    /// <summary>Every vector that the border makes is one that the kernel takes, at the edges of dimension, scale and rounding too.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 14)]
    [InlineData(2, -15)]
    [InlineData(100, -9)]
    [InlineData(4_000, -8)]
    [InlineData(65_536, 0)]
    [InlineData(65_536, 14)]
    public void What_is_normalised_is_taken(int dimension, int scaleExponent)
    {
        EngineSchema schema = new(dimension, Metric.Cosine, scaleExponent);
        ValoriKernel kernel = new(schema);
        Random random = new(dimension);
        int taken = 0;
        for (int i = 0; i < 40; i++)
        {
            float[] vector = new float[dimension];
            int used = random.Next(1, dimension + 1);
            for (int c = 0; c < used; c++) vector[random.Next(dimension)] = i % 2 == 0 ? 1 : random.NextSingle() - 0.5f;
            if (VectorBlock.FromVector(schema, vector).Value is not { } block) continue;
            Assert.Null(kernel.Decide(new InsertRecords(block, new ulong[1])).Refusal);
            taken++;
        }
        Assert.True(taken > 0);
    }

    [Theory]
    [InlineData(Metric.L2, null, 0.5, "a minimum similarity is given, but the metric of the collection is l2: give a maximum distance instead")]
    [InlineData(Metric.L2, -0.5, null, "the maximum distance is -0.5; it must be a finite number that is not negative")]
    [InlineData(Metric.L2, double.NaN, null, "the maximum distance is NaN; it must be a finite number that is not negative")]
    [InlineData(Metric.L2, 0.5, 0.5, "a minimum similarity is given, but the metric of the collection is l2: give a maximum distance instead")]
    [InlineData(Metric.Cosine, 0.5, null, "a maximum distance is given, but the metric of the collection is cosine: give a minimum similarity instead")]
    [InlineData(Metric.Cosine, null, 1.5, "the minimum similarity is 1.5; with the metric cosine it must be in -1..1")]
    [InlineData(Metric.Dot, 0.5, 0.5, "a maximum distance is given, but the metric of the collection is dot: give a minimum similarity instead")]
    [InlineData(Metric.Dot, null, double.PositiveInfinity, "the minimum similarity is Infinity; it must be a finite number")]
    public void A_limit_that_a_metric_does_not_have_is_refused(Metric metric, double? distance, double? similarity, string expected) =>
        Assert.Equal(expected, new SearchQuery(VectorBlock.FromVector(3, [1, 0, 0]).Value!, 1).WithLimits(new EngineSchema(3, metric), distance, similarity).Refusal!.Message);

    /// <summary>The exact limit lets through exactly the scores whose shown value is inside the limit that was asked for.</summary>
    [Theory]
    [InlineData(Metric.L2, 0)]
    [InlineData(Metric.L2, 16)]
    [InlineData(Metric.Cosine, 0)]
    [InlineData(Metric.Cosine, -6)]
    [InlineData(Metric.Dot, 0)]
    [InlineData(Metric.Dot, 9)]
    public void A_limit_is_the_last_score_that_is_shown_inside_it(Metric metric, int scaleExponent)
    {
        EngineSchema schema = new(3, metric, scaleExponent);
        ScoreUnit unit = schema.ScoreUnit;
        SearchQuery query = new(VectorBlock.FromVector(3, [1, 0, 0]).Value!, 1);
        Random random = new(9);
        for (int i = 0; i < 500; i++)
        {
            double asked = metric switch
            {
                Metric.L2 => i < 3 ? i : Math.ScaleB(random.NextDouble(), random.Next(-20, 16) - scaleExponent),
                Metric.Cosine => i < 3 ? i - 1 : 2 * random.NextDouble() - 1,
                _ => i < 3 ? i - 1 : Math.ScaleB(random.NextDouble() - 0.5, random.Next(-30, 26) - 2 * scaleExponent),
            };
            long limit = query.WithLimits(schema, metric == Metric.L2 ? asked : null, metric == Metric.L2 ? null : asked).Value!.ScoreLimit!.Value;
            Assert.True(IsInside(limit), $"{asked}: {limit}");
            if (limit < long.MaxValue) Assert.False(IsInside(metric == Metric.Dot ? limit - 1 : limit + 1), $"{asked}: {limit}");

            bool IsInside(long score) => metric == Metric.L2 ? unit.Distance(score) <= asked : unit.Similarity(score) >= asked;
        }
    }

    [Fact]
    public void Without_a_metric_and_a_scale_a_schema_has_the_bytes_and_hashes_of_a_dimension()
    {
        Assert.Equal("0808", Convert.ToHexString(WireWriter.ToBytes(new Fields(new EngineSchema(8)))));
        Assert.Equal("080810011807", Convert.ToHexString(WireWriter.ToBytes(new Fields(new EngineSchema(8, Metric.Cosine, -4)))));
        Assert.Equal("64e8ea41d7bdd9f64b86acef1db979e7524d84c4d8dfa0a59d3cf25a76a8c9c3", new ValoriKernel(new EngineSchema(8, Metric.L2, 0)).StateHash.ToString());
        Assert.Equal(7, new[] { (Metric.L2, 0), (Metric.Cosine, 0), (Metric.Dot, 0), (Metric.L2, 1), (Metric.L2, -1), (Metric.Cosine, 1), (Metric.Dot, -1) }
            .Select(one => new ValoriKernel(new EngineSchema(8, one.Item1, one.Item2)).StateHash).Distinct().Count());
        Assert.Equal("dimension 8", new EngineSchema(8).ToString());
        Assert.Equal("dimension 8, metric cosine, scale 0.0625", new EngineSchema(8, Metric.Cosine, -4).ToString());
    }

    [Theory]
    [InlineData("1003", "metric is 3")]
    [InlineData("08081000", "field 2 holds 0, and would be left out")]
    [InlineData("08081800", "field 3 holds 0, and would be left out")]
    [InlineData("08081822", "scale is 2^17")]
    [InlineData("0808188080808010", "field 3 is 4294967296, which is more than 32 bits")]
    [InlineData("08082001", "the schema has the field 4")]
    public void A_schema_of_a_journal_that_there_cannot_be_is_refused(string hex, string expected)
    {
        byte[] bytes = Convert.FromHexString(hex.StartsWith("0808", StringComparison.Ordinal) ? hex : "0808" + hex);
        Exception e = Assert.ThrowsAny<Exception>(() => WireReader.ReadAll(bytes, EngineSchema.Read));
        Assert.True(e is FormatException or ArgumentException, e.ToString());
        Assert.Contains(expected, e.Message);
    }

    private static int[] RawOf(VectorBlock block)
    {
        int[] raw = new int[block.Dimension];
        block.CopyRow(0, raw);
        return raw;
    }

    private readonly struct Fields(EngineSchema schema) : IWireFields
    {
        public void WriteFields(ref WireWriter writer) => schema.WriteFields(ref writer);
    }
}
