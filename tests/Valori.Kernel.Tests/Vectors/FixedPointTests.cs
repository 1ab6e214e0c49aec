using System.Globalization;
using System.Text.Json;
using Valori.Kernel.Vectors;

namespace Valori.Kernel.Tests.Vectors;

public sealed class FixedPointTests
{
    [Fact]
    public void Conversions_and_refusals_are_the_golden_ones_at_every_place_in_a_vector()
    {
        int cases = 0;
        foreach (JsonElement golden in Golden.Json("fixed_point.json").EnumerateArray())
        {
            float value = BitConverter.UInt32BitsToSingle(uint.Parse(golden.GetProperty("float32_bits").GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            bool isRefused = golden.TryGetProperty("refused", out _);
            foreach (int place in new[] { 0, 7, 511, 512, 599 })
            {
                float[] vector = new float[600];
                vector[place] = value;
                int[] raw = new int[600];
                int bad = FixedPoint.Convert(vector, raw);
                Assert.True(bad == (isRefused ? place : -1), $"{value:R} at {place}: {bad}");
                if (!isRefused) Assert.Equal(golden.GetProperty("raw").GetInt32(), raw[place]);
            }
            cases++;
        }
        Assert.True(cases > 100, $"only {cases} cases");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_bit_patterns_convert_as_exact_arithmetic_says(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 200_000; i++)
        {
            float value = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            double rounded = Math.Round((double)value * 65536, MidpointRounding.ToEven);
            bool fits = rounded is >= int.MinValue and <= int.MaxValue;
            int[] raw = new int[1];
            int bad = FixedPoint.Convert([value], raw);
            Assert.True(bad == (fits ? -1 : 0), $"seed {seed}: {value:R}");
            if (!fits) continue;
            Assert.True(raw[0] == (int)rounded, $"seed {seed}: {value:R} became {raw[0]}");
            if (MathF.Abs(value) >= 1) Assert.Equal(value, FixedPoint.ToSingle(raw[0]), 1f / 65536);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_length_and_alignment_converts_as_one_component_at_a_time(int seed)
    {
        Random random = new(seed);
        float[] source = new float[220];
        int[] expected = new int[220], raw = new int[220];
        for (int length = 0; length <= 200; length++)
        {
            for (int start = 0; start < 9; start++)
            {
                // Mostly valid; now and then any bit pattern, so that the first invalid one stands anywhere or nowhere.
                bool isHostile = random.Next(2) == 0;
                for (int i = 0; i < source.Length; i++)
                {
                    source[i] = isHostile && random.Next(100) == 0
                        ? BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue))
                        : (random.NextSingle() - 0.5f) * random.Next(1, 65_536);
                }
                ReadOnlySpan<float> components = source.AsSpan(start, length);
                int bad = OneByOne(components, expected, out long magnitude);
                Assert.True(bad == FixedPoint.Convert(components, raw.AsSpan(start % 4), scaleExponent: 0, out long foundMagnitude), $"seed {seed}, length {length}, start {start}");
                if (bad >= 0) continue;
                Assert.True(expected.AsSpan(0, length).SequenceEqual(raw.AsSpan(start % 4, length)), $"seed {seed}, length {length}, start {start}");
                Assert.Equal(magnitude, foundMagnitude);
                Assert.Equal(magnitude, FixedPoint.Magnitude(expected.AsSpan(0, length)));
                Assert.Equal(FixedPoint.SquaredNorm(expected.AsSpan(0, length)), FixedPoint.SquaredNorm(expected.AsSpan(0, length), magnitude));
            }
        }

        static int OneByOne(ReadOnlySpan<float> components, Span<int> raw, out long magnitude)
        {
            magnitude = 0;
            for (int i = 0; i < components.Length; i++)
            {
                double rounded = Math.Round((double)components[i] * 65536, MidpointRounding.ToEven);
                if (!(rounded is >= int.MinValue and <= int.MaxValue)) return i;
                raw[i] = (int)rounded;
                magnitude = Math.Max(magnitude, Math.Abs((long)raw[i]));
            }
            return -1;
        }
    }

    [Theory]
    [InlineData(5)]
    public void A_block_of_many_vectors_equals_its_vectors_one_by_one(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 100; round++)
        {
            int dimension = random.Next(1, 40), count = random.Next(1, 12), wideRow = random.Next(2 * count);
            float[] components = new float[count * dimension];
            for (int i = 0; i < components.Length; i++) components[i] = random.NextSingle() - 0.5f + (i / dimension == wideRow ? 3 : 0);
            VectorBlock block = VectorBlock.FromComponents(dimension, components).Value!;
            ReadOnlyMemory<float>[] vectors = [.. Enumerable.Range(0, count).Select(row => new ReadOnlyMemory<float>(components, row * dimension, dimension))];
            Assert.Equal(block, VectorBlock.FromVectors(dimension, vectors).Value);
            Assert.True(block.IsNarrow == (wideRow >= count), $"seed {seed}, round {round}");
            VectorBlock again = VectorBlock.FromRaw(dimension, block.IsNarrow, block.Raw);
            Assert.Equal(block.SquaredNorms, again.SquaredNorms);

            int[] expected = new int[dimension], raw = new int[dimension];
            for (int row = 0; row < count; row++)
            {
                Assert.Equal(-1, FixedPoint.Convert(vectors[row].Span, expected));
                block.CopyRow(row, raw);
                Assert.Equal(expected, raw);
                Assert.Equal(FixedPoint.SquaredNorm(expected), block.SquaredNorms[row]);
            }
        }
    }

    [Fact]
    public void A_refusal_names_the_vector_of_a_batch()
    {
        Assert.StartsWith("vector 1: component 0 is NaN", VectorBlock.FromComponents(2, [0, 0, float.NaN, 0]).Refusal!.Message);
        Assert.StartsWith("vector 2: the vector is not zero", VectorBlock.FromComponents(2, [0, 1, 0, 0, 1e-6f, 0]).Refusal!.Message);
        Assert.StartsWith("vector 1: the vector is not zero", VectorBlock.FromVectors(1, [new[] { 0f }, new[] { -1e-6f }]).Refusal!.Message);
        Assert.StartsWith("vector 1: vector norm is too large", VectorBlock.FromVectors(1, [new[] { 1f }, new[] { 30000f }]).Refusal!.Message);
    }

    [Theory]
    [InlineData(float.NaN, "component 1 is NaN, which is not finite")]
    [InlineData(float.PositiveInfinity, "component 1 is Infinity, which is not finite")]
    [InlineData(32768f, "component 1 is 32768, outside Q16.16")]
    public void A_refused_component_is_named_with_index_and_value(float value, string expected) =>
        Assert.Contains(expected, VectorBlock.FromVector(3, [0, value, 0]).Refusal!.Message);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(384)]
    public void A_vector_that_is_not_zero_and_would_become_zero_is_refused(int dimension)
    {
        // Half a step is a tie, and zero is even.
        const float halfStep = 1 / 131072f, oneStep = 1 / 65536f;
        foreach (float value in new[] { halfStep, -halfStep, 5e-6f, float.Epsilon, -float.Epsilon })
        {
            foreach (int place in new[] { 0, dimension / 2, dimension - 1 })
            {
                float[] vector = new float[dimension];
                vector[place] = value;
                Refusal refusal = VectorBlock.FromVector(dimension, vector).Refusal!;
                Assert.Equal(RefusalKind.InvalidArgument, refusal.Kind);
                Assert.StartsWith($"the vector is not zero, but all of its components round to zero: the largest, component {place}, is {value.ToString("R", CultureInfo.InvariantCulture)}, ", refusal.Message);
                Assert.EndsWith("multiply all vectors and all queries by the same factor", refusal.Message);
                vector[dimension - 1 - place] = oneStep;
                Assert.NotNull(VectorBlock.FromVector(dimension, vector).Value);
                vector[dimension - 1 - place] = MathF.BitIncrement(halfStep);
                Assert.NotNull(VectorBlock.FromVector(dimension, vector).Value);
            }
        }
    }

    [Fact]
    public void Vectors_of_zeros_are_stored_whatever_their_signs()
    {
        VectorBlock block = VectorBlock.FromComponents(3, [0, 0, 0, -0f, -0f, -0f, 0, -0f, 0]).Value!;
        Assert.Equal([0L, 0, 0], block.SquaredNorms.ToArray());
        Assert.NotNull(VectorBlock.FromVectors(2, [new float[2]]).Value);
    }

    [Fact]
    public void Raw_values_that_are_there_already_may_be_zero() =>
        Assert.Equal([0L, 0], VectorBlock.FromRaw(2, isNarrow: true, new byte[8]).SquaredNorms.ToArray());

    [Fact]
    public void The_rounding_error_is_the_length_of_what_is_lost_by_the_length_of_the_vector()
    {
        const float step = 1 / 65536f;
        Assert.Equal(0, FixedPoint.RoundingError([]));
        Assert.Equal(0, FixedPoint.RoundingError([0, -0f]));
        Assert.Equal(0, FixedPoint.RoundingError([1, -300.5f, step]));
        Assert.Equal(1, FixedPoint.RoundingError([step / 4, 0, -step / 2]));
        Assert.Equal(0.25 / 1.25, FixedPoint.RoundingError([1.25f * step]));
        Assert.Equal(Math.Sqrt((0.0625 + 0.25) / (100.25 * 100.25 + 0.25)), FixedPoint.RoundingError([100.25f * step, -0.5f * step]), 1e-15);
    }

    [Fact]
    public void The_norm_limit_is_exact()
    {
        // 2^14.5 is about 23170.475: one component just below, one just above.
        Assert.NotNull(VectorBlock.FromVector(1, [23170.474f]).Value);
        Refusal refusal = VectorBlock.FromVector(1, [23170.476f]).Refusal!;
        Assert.Contains("vector norm is too large: 23170.5", refusal.Message);
        // Two components of 2^14: the sum of squares is exactly 2^61, the first value refused.
        Assert.Contains("norm is too large", VectorBlock.FromVector(2, [16384f, 16384f]).Refusal!.Message);
        Assert.NotNull(VectorBlock.FromVector(2, [16384f, 16383.999f]).Value);
    }

    [Fact]
    public void The_largest_dimension_of_the_largest_values_does_not_overflow()
    {
        float[] vector = new float[Limits.MaximumDimension];
        Array.Fill(vector, 32767f);
        Assert.Contains("norm is too large", VectorBlock.FromVector(vector.Length, vector).Refusal!.Message);
    }

    [Fact]
    public void Blocks_are_narrow_exactly_when_every_value_fits()
    {
        float limit = 32767 / 65536f;
        Assert.True(Golden.Block(2, limit, -limit).IsNarrow);
        Assert.False(Golden.Block(2, 0, -0.5f).IsNarrow);
        Assert.False(Golden.Block(2, 0.5f, 0).IsNarrow);
        int[] raw = new int[2];
        Golden.Block(2, 0, 0, limit, -limit).CopyRow(1, raw);
        Assert.Equal([32767, -32767], raw);
    }

    [Fact]
    public void Raw_bytes_that_no_block_may_hold_are_refused()
    {
        Assert.Throws<ArgumentException>(() => VectorBlock.FromRaw(2, true, new byte[3]));
        Assert.Throws<ArgumentException>(() => VectorBlock.FromRaw(1, true, BitConverter.GetBytes(short.MinValue)));
        Assert.Throws<ArgumentException>(() => VectorBlock.FromRaw(1, false, BitConverter.GetBytes(int.MinValue)));
        Assert.Throws<ArgumentException>(() => VectorBlock.FromRaw(0, true, Array.Empty<byte>()));
    }

    [Fact]
    public void A_ragged_batch_is_refused_with_the_vector_s_index() =>
        Assert.Equal("vector 1: expected 2 components, got 1", VectorBlock.FromVectors(2, [new float[2], new float[1]]).Refusal!.Message);

    /// <summary>It is normalised again whatever it is multiplied by.</summary>
    [Fact]
    public void A_normalised_vector_that_becomes_zero_is_not_advised_to_be_multiplied()
    {
        Refusal refusal = VectorBlock.FromVector(new EngineSchema(8, Metric.Cosine, -16), [1, 1, 1, 1, 1, 1, 1, 1]).Refusal!;
        Assert.Contains("all of its components round to zero after normalisation: the largest, component 0, is 1 before it, ", refusal.Message);
        Assert.EndsWith("Use a collection with a larger scale", refusal.Message);
    }
}
