namespace Valori.Kernel.Tests.Hashing;

public sealed class BackgroundHasherTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Parts_are_hashed_in_order_whoever_hashes_them(int seed)
    {
        Random random = new(seed);
        byte[] input = new byte[1 << 20];
        random.NextBytes(input);
        for (int round = 0; round < 50; round++)
        {
            BackgroundHasher hasher = new(Plain());
            long last = 0;
            for (int start = 0, length; start < input.Length; start += length)
            {
                length = Math.Min(random.Next(1, 1 << random.Next(1, 18)), input.Length - start);
                last = hasher.Add(input.AsMemory(start, length));
                if (random.Next(8) == 0) hasher.WaitFor(random.NextInt64(last + 1));
            }
            Assert.True(Digest.Of(input) == hasher.Finish(), $"seed {seed}, round {round}");
            hasher.WaitFor(last);
        }
    }

    [Fact]
    public void Memory_may_change_once_its_part_was_hashed()
    {
        BackgroundHasher hasher = new(Plain());
        byte[] part = new byte[10_000];
        StreamHasher expected = Plain();
        for (byte value = 0; value < 200; value++)
        {
            part.AsSpan().Fill(value);
            expected.Update(part);
            hasher.WaitFor(hasher.Add(part));
        }
        Assert.Equal(expected.Finalize(), hasher.Finish());
    }

    [Fact]
    public void Nothing_has_the_hash_of_nothing() => Assert.Equal(Digest.Of([]), new BackgroundHasher(Plain()).Finish());

    private static StreamHasher Plain() => new(Compression.InitialValue, 0);
}
