using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Crypto.Digests;

namespace Valori.Kernel.Tests.Hashing;

/// <summary>BLAKE3 in parts, and the package behind <see cref="Digest.Of"/>, against the official vectors and BouncyCastle's implementation.</summary>
public sealed class StreamHasherTests
{
    // Valori has no keyed hash; the official vectors do.
    private const uint KeyedHash = 16;

    private static readonly byte[] Pattern = [.. Enumerable.Range(0, 102_400).Select(i => (byte)(i % 251))];

    [Fact]
    public void All_modes_give_the_official_vectors()
    {
        JsonElement json = Golden.Json("blake3_test_vectors.json");
        uint[] key = MemoryMarshal.Cast<byte, uint>(Encoding.ASCII.GetBytes(json.GetProperty("key").GetString()!)).ToArray();
        HashContext context = new(json.GetProperty("context_string").GetString()!);
        int cases = 0;
        foreach (JsonElement vector in json.GetProperty("cases").EnumerateArray())
        {
            ReadOnlySpan<byte> input = Pattern.AsSpan(0, vector.GetProperty("input_len").GetInt32());
            Assert.Equal(Expected("hash"), Digest.Of(input).ToString());
            Assert.Equal(Expected("hash"), HashInParts(new StreamHasher(Compression.InitialValue, 0), input));
            Assert.Equal(Expected("keyed_hash"), HashInParts(new StreamHasher(key, KeyedHash), input));
            Assert.Equal(Expected("derive_key"), HashInParts(context.NewHasher(), input));
            Assert.Equal(Expected("derive_key"), context.Hash(input).ToString());
            cases++;

            // The vectors hold extended outputs: a digest is their first 32 bytes.
            string Expected(string mode) => vector.GetProperty(mode).GetString()![..(2 * Digest.SizeBytes)];
        }
        Assert.Equal(35, cases);

        static string HashInParts(StreamHasher hasher, ReadOnlySpan<byte> input)
        {
            hasher.Update(input[..(input.Length / 3)]);
            hasher.Update(input[(input.Length / 3)..]);
            return hasher.Finalize().ToString();
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
            Check(length);
            growing.Update(Pattern[length]);
        }
        foreach (int length in new[] { 65_535, 65_536, 65_537, 66_560, 102_399, 102_400 })
        {
            Blake3Digest oracle = new(256);
            oracle.BlockUpdate(Pattern, 0, length);
            oracle.DoFinal(expected, 0);
            Check(length);
        }

        void Check(int length)
        {
            StreamHasher hasher = Plain();
            hasher.Update(Pattern.AsSpan(0, length));
            Assert.True(Digest.Read(expected) == hasher.Finalize(), $"length {length}");
            Assert.True(Digest.Read(expected) == Digest.Of(Pattern.AsSpan(0, length)), $"length {length}, the package");
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
            StreamHasher hasher = Plain();
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
            Assert.True(Digest.Of(Pattern.AsSpan(0, length)) == hasher.Finalize(), $"seed {seed}, round {round}, length {length}");
        }
    }

    [Fact]
    public void A_hasher_that_no_constructor_made_returns_no_hash()
    {
        StreamHasher hasher = default;
        hasher.Update("abc"u8);
        Assert.Throws<InvariantException>(() => hasher.Finalize());
    }

    private static StreamHasher Plain() => new(Compression.InitialValue, 0);
}
