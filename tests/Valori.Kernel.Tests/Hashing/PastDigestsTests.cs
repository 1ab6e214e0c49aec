using System.Buffers.Binary;

namespace Valori.Kernel.Tests.Hashing;

/// <summary>What digests were before they were overwritten.</summary>
public sealed class PastDigestsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Each_digest_is_found_as_of_every_mark(int seed)
    {
        Random random = new(seed);
        PastDigests past = new();
        PastDigests.Head[] heads = new PastDigests.Head[7];
        Digest[] now = [.. heads.Select((_, i) => Number(i))];
        List<(uint Mark, Digest[] Digests)> marks = [];
        for (int i = 0; i < 5_000; i++)
        {
            if (random.Next(3) == 0) marks.Add((past.Mark(), [.. now]));
            // The first ones far more often than the last.
            int which = random.Next(random.Next(1, heads.Length + 1));
            past.Keep(ref heads[which], now[which]);
            now[which] = Number(random.Next());
        }
        foreach ((uint mark, Digest[] digests) in marks)
        {
            for (int which = 0; which < heads.Length; which++)
            {
                Digest then = heads[which].Newest > mark ? past.At(mark, heads[which].Newest) : now[which];
                Assert.True(digests[which] == then, $"seed {seed}, mark {mark}, digest {which}");
            }
        }
    }

    [Fact]
    public void A_digest_that_changes_a_hundred_thousand_times_is_found_as_of_every_change_in_few_steps()
    {
        PastDigests past = new();
        PastDigests.Head head = default;
        for (int i = 0; i < 100_000; i++)
        {
            Assert.Equal((uint)i, past.Mark());
            past.Keep(ref head, Number(i));
        }
        for (uint mark = 0; mark < 100_000; mark++)
        {
            Assert.Equal(Number((int)mark), past.At(mark, head.Newest));
            int steps = 0;
            for (uint entry = head.Newest; entry > 0; entry = past.StepBack(entry, mark)) steps++;
            // 17 binary digits, in each of which a step may clear all that are left.
            Assert.InRange(steps, 1, 17 * 18 / 2);
        }
    }

    [Fact]
    public void Between_two_marks_the_first_digest_alone_is_kept()
    {
        PastDigests past = new();
        PastDigests.Head head = default;
        past.Mark();
        for (int i = 0; i < 100_000; i++) past.Keep(ref head, Number(i));
        Assert.Equal((1U, 1U), (head.Newest, past.Mark()));
        Assert.InRange(past.Bytes, 40, 16 * 40);
        Assert.Equal(Number(0), past.At(0, head.Newest));
    }

    private static Digest Number(int number)
    {
        byte[] bytes = new byte[Digest.SizeBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return Digest.Read(bytes);
    }
}
