using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Valori.Kernel.Tests.Proofs;

[Trait("Category", "Slow")]
public sealed class HostileProofTests
{
    private static readonly ProofSample[] Samples = [.. ProofSamples.All];

    private static readonly byte[][] Binaries = [.. Samples.Select(sample => sample.Bytes)];
    private static readonly byte[][] Jsons = [.. Samples.Select(sample => Encoding.UTF8.GetBytes(sample.Json.ToJsonString()))];

    [Theory]
    [InlineData(1, 120_000)]
    [InlineData(2, 120_000)]
    public void No_bytes_made_of_binary_proofs_throw_or_hold_unless_they_are_the_proof(int seed, int rounds) =>
        Attack(seed, rounds, Binaries);

    [Theory]
    [InlineData(3, 40_000)]
    [InlineData(4, 40_000)]
    public void No_bytes_made_of_JSON_proofs_throw_or_hold_unless_they_are_the_proof(int seed, int rounds) =>
        Attack(seed, rounds, Jsons);

    [Theory]
    [InlineData(5, 50_000)]
    public void No_bytes_made_of_both_forms_throw_or_hold_unless_they_are_the_proof(int seed, int rounds) =>
        Attack(seed, rounds, [.. Binaries, .. Jsons]);

    [Theory]
    [InlineData(6, 50_000)]
    public void No_bytes_at_random_throw_or_hold(int seed, int rounds)
    {
        Random random = new(seed);
        for (int round = 0; round < rounds; round++)
        {
            byte[] bytes = new byte[random.Next(400)];
            random.NextBytes(bytes);
            byte[] head = random.Next(3) switch
            {
                0 => "VALORIIP\x01\0\0\0"u8.ToArray(),
                1 => "VALORIHP\x01\0\0\0"u8.ToArray(),
                _ => "{"u8.ToArray(),
            };
            if (bytes.Length >= head.Length && random.Next(4) > 0) head.CopyTo(bytes, 0);
            ProofSample sample = Samples[random.Next(Samples.Length)];
            Assert.True(sample.Verify(bytes) is not null, $"seed {seed}, round {round}");
        }
    }

    private static void Attack(int seed, int rounds, byte[][] corpus)
    {
        Random random = new(seed);
        int held = 0;
        for (int round = 0; round < rounds; round++)
        {
            // Half of the time the bytes are near to a proof of what they are verified against.
            bool isNear = random.Next(2) == 0;
            int first = random.Next(corpus.Length);
            ProofSample sample = Samples[(isNear ? first : random.Next(Samples.Length)) % Samples.Length];
            byte[] bytes = corpus[first];
            for (int steps = random.Next(1, isNear ? 4 : 7); steps > 0; steps--) bytes = Step(random, bytes, corpus);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Refusal? refusal;
            try
            {
                refusal = sample.Verify(bytes);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}: {sample} threw at {Convert.ToHexString(bytes)}", e);
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(
                allocated < 30_000 + 20 * bytes.Length, $"seed {seed}, round {round}: {allocated} bytes allocated for {bytes.Length}");
            if (refusal is not null)
            {
                Assert.Equal(RefusalKind.InvalidProof, refusal.Kind);
                continue;
            }
            held++;
            Assert.True(IsFormOf(sample, bytes), $"seed {seed}, round {round}: {sample} holds with {Convert.ToHexString(bytes)}");
        }
        Assert.True(held > 0, $"seed {seed}: nothing held, so the mutations are too coarse to test anything");
    }

    private static bool IsFormOf(ProofSample sample, byte[] bytes) =>
        bytes.AsSpan().SequenceEqual(sample.Bytes) || (bytes.AsSpan().Contains((byte)'{') && IsSameJson(sample, bytes));

    private static bool IsSameJson(ProofSample sample, byte[] bytes)
    {
        try
        {
            return JsonNode.DeepEquals(sample.Json, JsonNode.Parse(bytes));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] Step(Random random, byte[] bytes, byte[][] corpus)
    {
        int at = random.Next(bytes.Length + 1), length = random.Next(Math.Min(70, bytes.Length - at + 1));
        byte[] other = corpus[random.Next(corpus.Length)];
        int otherAt = random.Next(other.Length + 1), otherLength = random.Next(Math.Min(70, other.Length - otherAt + 1));
        switch (random.Next(8))
        {
            case 0: // a truncation
                return bytes[..at];
            case 1: // a splice
                return [.. bytes[..at], .. other[otherAt..]];
            case 2: // a piece of another one in between
                return [.. bytes[..at], .. other[otherAt..(otherAt + otherLength)], .. bytes[at..]];
            case 3: // a piece less
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 4: // a piece twice
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 5: // white space, which changes nothing in many places of JSON
                return [.. bytes[..at], (byte)" \t\r\n"[random.Next(4)], .. bytes[at..]];
            default: // a few other bytes
                byte[] changed = [.. bytes];
                for (int changes = random.Next(1, 4); changes > 0 && changed.Length > 0; changes--)
                {
                    int place = random.Next(changed.Length);
                    changed[place] = random.Next(3) switch
                    {
                        0 => (byte)random.Next(256),
                        1 => (byte)(changed[place] ^ 1 << random.Next(8)),
                        _ => (byte)"{}[]\":,\\u0019af=e.-+"[random.Next(20)],
                    };
                }
                return changed;
        }
    }
}
