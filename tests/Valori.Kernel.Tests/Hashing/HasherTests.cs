using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Crypto.Digests;

namespace Valori.Kernel.Tests.Hashing;

/// <summary>BLAKE3 against the official vectors and against BouncyCastle's implementation.</summary>
public sealed class HasherTests
{
    private static readonly byte[] Pattern = [.. Enumerable.Range(0, 102_400).Select(i => (byte)(i % 251))];

    [Fact]
    public void All_modes_give_the_official_vectors_with_their_extended_output()
    {
        JsonElement json = Golden.Json("blake3_test_vectors.json");
        byte[] key = Encoding.ASCII.GetBytes(json.GetProperty("key").GetString()!);
        string context = json.GetProperty("context_string").GetString()!;
        int cases = 0;
        foreach (JsonElement vector in json.GetProperty("cases").EnumerateArray())
        {
            ReadOnlySpan<byte> input = Pattern.AsSpan(0, vector.GetProperty("input_len").GetInt32());
            Check(Hasher.New(), input, vector.GetProperty("hash").GetString()!);
            Check(Hasher.NewKeyed(key), input, vector.GetProperty("keyed_hash").GetString()!);
            Check(Hasher.NewDeriveKey(context), input, vector.GetProperty("derive_key").GetString()!);
            cases++;
        }
        Assert.Equal(35, cases);

        static void Check(Hasher hasher, ReadOnlySpan<byte> input, string expected)
        {
            hasher.Update(input);
            byte[] output = new byte[expected.Length / 2];
            hasher.Finalize(output);
            Assert.Equal(expected, Convert.ToHexStringLower(output));
            Assert.Equal(expected[..64], hasher.Finalize().ToString());
        }
    }

    [Fact]
    public void Every_length_up_to_ten_thousand_and_some_larger_ones_equal_BouncyCastle()
    {
        // One growing oracle, copied at each length, instead of ten thousand from the start.
        Blake3Digest growing = new(256);
        byte[] expected = new byte[32];
        for (int length = 0; length <= 10_000; length++)
        {
            Blake3Digest oracle = new(growing);
            oracle.DoFinal(expected, 0);
            Assert.True(Digest.Read(expected) == Hasher.Hash(Pattern.AsSpan(0, length)), $"length {length}");
            growing.Update(Pattern[length]);
        }
        foreach (int length in new[] { 65_535, 65_536, 65_537, 66_560, 102_399, 102_400 })
        {
            Blake3Digest oracle = new(256);
            oracle.BlockUpdate(Pattern, 0, length);
            oracle.DoFinal(expected, 0);
            Assert.True(Digest.Read(expected) == Hasher.Hash(Pattern.AsSpan(0, length)), $"length {length}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Input_in_parts_gives_the_hash_of_the_whole(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 200; round++)
        {
            int length = random.Next(round % 8 == 0 ? Pattern.Length : 8_192);
            Hasher hasher = Hasher.New();
            for (int offset = 0; offset < length;)
            {
                int part = Math.Min(length - offset, random.Next(6) switch
                {
                    0 => 1024 * random.Next(1, 70),
                    1 => 64 * random.Next(1, 20),
                    2 => random.Next(1, 20_000),
                    _ => random.Next(1, 200),
                });
                hasher.Update(Pattern.AsSpan(offset, part));
                offset += part;
                _ = hasher.Finalize(); // looking at the hash on the way must not change it
            }
            Assert.True(Hasher.Hash(Pattern.AsSpan(0, length)) == hasher.Finalize(), $"seed {seed}, round {round}, length {length}");
        }
    }

    [Fact]
    public void A_context_s_short_path_equals_its_streaming_path()
    {
        HashContext context = new("Valori tests 2026-11-24 a context");
        for (int length = 0; length <= 3000; length++)
        {
            Hasher hasher = Hasher.NewDeriveKey("Valori tests 2026-11-24 a context");
            hasher.Update(Pattern.AsSpan(0, length));
            Assert.True(hasher.Finalize() == context.Hash(Pattern.AsSpan(0, length)), $"length {length}");
        }
    }

    [Fact]
    public void Reset_forgets_the_input_and_keeps_the_key()
    {
        Hasher hasher = Hasher.NewDeriveKey("Valori tests 2026-11-24 a context");
        hasher.Update(Pattern);
        hasher.Reset();
        hasher.Update("abc"u8);
        Assert.Equal(new HashContext("Valori tests 2026-11-24 a context").Hash("abc"u8), hasher.Finalize());
    }

    [Fact]
    public void A_key_of_another_length_is_refused() => Assert.Throws<ArgumentException>(() => Hasher.NewKeyed(new byte[31]));
}
