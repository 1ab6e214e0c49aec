using System.Buffers;
using Valori.Actors.Entries;

namespace Valori.Actors.Tests.Journal;

public sealed class ComparingWriterTests
{
    private static readonly byte[] Expected = [.. Enumerable.Range(0, 3 * ComparingWriter.BufferBytes + 5).Select(i => (byte)(i * 7 >> 3))];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ComparingWriter.BufferBytes)]
    [InlineData(3 * ComparingWriter.BufferBytes + 5)]
    public void The_expected_bytes_and_no_others_are_equal(int length)
    {
        byte[] expected = Expected[..length];
        Assert.True(IsEqual(expected, expected));
        Assert.False(IsEqual(expected, [.. expected, 0]));
        foreach (int place in (int[])[0, 1, ComparingWriter.BufferBytes - 1, ComparingWriter.BufferBytes, length / 2, length - 1])
        {
            if (place < 0 || place >= length) continue;
            byte[] other = [.. expected];
            other[place] ^= 0x40;
            Assert.False(IsEqual(expected, other));
            Assert.False(IsEqual(expected, expected[..place]));
        }
    }

    [Fact]
    public void A_piece_may_be_larger_than_the_buffer()
    {
        ComparingWriter writer = new(Expected);
        Expected.CopyTo(writer.GetSpan(Expected.Length));
        writer.Advance(Expected.Length);
        Assert.True(writer.IsEqual);
    }

    private static bool IsEqual(byte[] expected, byte[] written)
    {
        ComparingWriter writer = new(expected);
        writer.Write(written);
        return writer.IsEqual;
    }
}
