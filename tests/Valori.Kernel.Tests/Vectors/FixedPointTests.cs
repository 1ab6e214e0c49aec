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
    [InlineData(float.NaN, "component 1 is NaN, which is not finite")]
    [InlineData(float.PositiveInfinity, "component 1 is Infinity, which is not finite")]
    [InlineData(32768f, "component 1 is 32768, outside Q16.16")]
    public void A_refused_component_is_named_with_index_and_value(float value, string expected) =>
        Assert.Contains(expected, VectorBlock.FromVector(3, [0, value, 0]).Refusal!.Message);

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
}
