namespace Valori.Kernel.Tests.Hashing;

/// <summary>A context's own ways for one input of any length against the Blake3 package in the same context.</summary>
public sealed class HashContextTests
{
    private const string Name = "Valori tests 2026-11-24 a context";

    private static readonly HashContext Context = new(Name);

    [Fact]
    public void Every_length_up_to_twenty_chunks_equals_the_package()
    {
        Random random = new(7);
        byte[] input = new byte[20 * 1024 + 1];
        random.NextBytes(input);
        using global::Blake3.Hasher package = global::Blake3.Hasher.NewDeriveKey(Name);
        for (int length = 0; length <= input.Length; length++)
        {
            // Every length of the first three chunks, then those about the ends of blocks.
            if (length > 3 * 1024 + 1 && length % 64 > 1 && length % 64 < 63) continue;
            package.Reset();
            package.Update(input.AsSpan(0, length));
            Assert.True(Digest.Read(package.Finalize().AsSpan()) == Context.Hash(input.AsSpan(0, length)), $"seed 7, length {length}");
        }
    }

    [Fact]
    public void An_input_at_any_address_has_the_same_hash()
    {
        Random random = new(8);
        foreach (int length in new[] { 1, 63, 64, 65, 128, 1024, 1025, 1558, 2047, 2048, 2049, 5000 })
        {
            byte[] input = new byte[length + 64];
            random.NextBytes(input);
            Digest expected = Context.Hash(input.AsSpan(0, length));
            for (int offset = 1; offset < 64; offset++)
            {
                input.AsSpan(offset - 1, length).CopyTo(input.AsSpan(offset));
                Assert.True(expected == Context.Hash(input.AsSpan(offset, length)), $"seed 8, length {length}, offset {offset}");
            }
        }
    }

    [Fact]
    public void A_context_of_more_than_a_chunk_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HashContext(new string('a', 1025)));

    [Fact]
    public void A_context_may_have_any_length_up_to_a_chunk()
    {
        foreach (int length in new[] { 0, 1, 63, 64, 65, 1023, 1024 })
        {
            string name = new('a', length);
            using global::Blake3.Hasher package = global::Blake3.Hasher.NewDeriveKey(name);
            package.Update("abc"u8);
            Assert.True(Digest.Read(package.Finalize().AsSpan()) == new HashContext(name).Hash("abc"u8), $"length {length}");
        }
    }
}
