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
        List<(ulong Mark, Digest[] Digests)> marks = [];
        for (int i = 0; i < 5_000; i++)
        {
            if (random.Next(3) == 0) marks.Add((past.Mark(), [.. now]));
            // The first ones far more often than the last.
            int which = random.Next(random.Next(1, heads.Length + 1));
            past.Keep(ref heads[which], now[which]);
            now[which] = Number(random.Next());
        }
        foreach ((ulong mark, Digest[] digests) in marks)
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
            Assert.Equal((ulong)i, past.Mark());
            past.Keep(ref head, Number(i));
        }
        for (ulong mark = 0; mark < 100_000; mark++)
        {
            Assert.Equal(Number((int)mark), past.At(mark, head.Newest));
            int steps = 0;
            for (ulong entry = head.Newest; entry > 0; entry = past.StepBack(entry, mark)) steps++;
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
        Assert.Equal((1UL, 1UL), (head.Newest, past.Mark()));
        Assert.InRange(past.Bytes, 40, 16 * 40);
        Assert.Equal(Number(0), past.At(0, head.Newest));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Who_reads_from_before_a_change_of_place_finds_all_and_later_marks_need_nothing_of_before(int seed)
    {
        Random random = new(seed);
        List<PastDigests> pasts = [new PastDigests()];
        PastDigests.Head[] heads = new PastDigests.Head[7];
        Digest[] now = [.. heads.Select((_, i) => Number(i))];
        List<(PastDigests Past, ulong Mark, Digest[] Digests)> marks = [];
        for (int i = 0; i < 5_000; i++)
        {
            if (random.Next(3) == 0) marks.Add((pasts[^1], pasts[^1].Mark(), [.. now]));
            if (random.Next(500) == 0)
            {
                PastDigests next = new(isKept: false);
                // Not kept yet: others have it.
                PastDigests.Head unused = default;
                next.Keep(ref unused, now[0]);
                Assert.Equal((0UL, 0L), (unused.Newest, next.Bytes));
                next.GoOnAfter(pasts[^1]);
                pasts.Add(next);
            }
            int which = random.Next(random.Next(1, heads.Length + 1));
            pasts[^1].Keep(ref heads[which], now[which]);
            now[which] = Number(random.Next());
        }
        Assert.True(pasts.Count > 3, $"seed {seed}");
        foreach ((PastDigests past, ulong mark, Digest[] digests) in marks)
        {
            for (int which = 0; which < heads.Length; which++)
            {
                Digest then = heads[which].Newest > mark ? past.At(mark, heads[which].Newest) : now[which];
                Assert.True(digests[which] == then, $"seed {seed}, mark {mark}, digest {which}");
            }
        }
    }

    private static Digest Number(int number)
    {
        byte[] bytes = new byte[Digest.SizeBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return Digest.Read(bytes);
    }
}
