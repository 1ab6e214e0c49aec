using System.Buffers.Binary;

namespace Valori.Fuzz;

/// <summary>Changes that hurt formats of fields, lengths and varints.</summary>
internal sealed class BinaryMutations(Random random, IReadOnlyList<int> hotOffsets)
{
    private const int MostPieceBytes = 4096;
    private const int MostCopies = 64;

    // A hot field's neighbours are hot too.
    private const int HotBytes = 32;

    private static readonly byte[] InterestingBytes = [0, 1, 2, 4, 7, 8, 0x1F, 0x20, 0x3F, 0x40, 0x7F, 0x80, 0xFE, 0xFF];

    private static readonly ulong[] InterestingNumbers =
    [
        0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1023, 4096, 8191, 8192, 8193, 32_767, 32_768, 65_535, 65_536, 65_537,
        1 << 20, (1 << 24) - 1, 1 << 28, int.MaxValue - 1, int.MaxValue, 1U << 31, uint.MaxValue, 1UL << 32, long.MaxValue, 1UL << 63,
        ulong.MaxValue - 1, ulong.MaxValue,
    ];

    public byte[] Change(byte[] input, byte[] other)
    {
        int at = Place(input.Length), length = Length(input.Length - at);
        switch (random.Next(14))
        {
            case 0:
                return input[..at];
            case 1:
                return [.. input[..at], .. input[(at + length)..]];
            case 2:
                return Repeated(input, at, length);
            case 3:
                return [.. input[..at], .. other[random.Next(other.Length + 1)..]];
            case 4:
                int from = random.Next(other.Length + 1);
                return [.. input[..at], .. other.AsSpan(from, Length(other.Length - from)), .. input[at..]];
            case 5:
                byte[] run = new byte[random.Next(3) == 0 ? random.Next(MostPieceBytes) : random.Next(32)];
                run.AsSpan().Fill(Byte());
                return [.. input[..at], .. run, .. input[at..]];
            case 6:
                return [.. input[..at], .. Varint(Number()), .. input[at..]];
            case 7:
                return Overwritten(input, at, Varint(Number()));
            case 8 or 9:
                byte[] field = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(field, Number());
                return Overwritten(input, at, field[..(1 << random.Next(4))]);
            case 10 or 11:
                return Overwritten(input, at, [Byte()]);
            default:
                byte[] flipped = [.. input];
                for (int bits = random.Next(1, 4); bits > 0 && flipped.Length > 0; bits--)
                    flipped[Math.Min(Place(flipped.Length), flipped.Length - 1)] ^= (byte)(1 << random.Next(8));
                return flipped;
        }
    }

    private int Place(int length)
    {
        int place = random.Next(5) switch
        {
            0 when hotOffsets.Count > 0 => hotOffsets[random.Next(hotOffsets.Count)] + random.Next(HotBytes),
            1 => random.Next(64),
            2 => length - random.Next(64),
            _ => random.Next(length + 1),
        };
        return Math.Clamp(place, 0, length);
    }

    private int Length(int most)
    {
        int length = random.Next(8) switch { 0 => random.Next(MostPieceBytes), < 4 => random.Next(64), _ => random.Next(9) };
        return Math.Min(length, Math.Max(0, most));
    }

    private byte Byte() => random.Next(2) == 0 ? InterestingBytes[random.Next(InterestingBytes.Length)] : (byte)random.Next(256);

    /// <summary>One at an edge of something, mostly.</summary>
    public ulong Number() => random.Next(8) switch
    {
        0 => (ulong)random.NextInt64(),
        1 => (ulong)random.Next(100_000),
        _ => InterestingNumbers[random.Next(InterestingNumbers.Length)],
    };

    private byte[] Repeated(byte[] input, int at, int length)
    {
        int copies = random.Next(4) == 0 ? random.Next(1, MostCopies) : 1;
        byte[] result = new byte[input.Length + copies * length];
        input.AsSpan(0, at + length).CopyTo(result);
        for (int copy = 0; copy < copies; copy++) input.AsSpan(at, length).CopyTo(result.AsSpan(at + length + copy * length));
        input.AsSpan(at + length).CopyTo(result.AsSpan(at + length + copies * length));
        return result;
    }

    private static byte[] Overwritten(byte[] input, int at, ReadOnlySpan<byte> bytes)
    {
        byte[] result = [.. input];
        bytes[..Math.Min(bytes.Length, result.Length - at)].CopyTo(result.AsSpan(at));
        return result;
    }

    /// <summary>Of minimal length, or with an empty byte at the end: protobuf takes both.</summary>
    public byte[] Varint(ulong value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        if (random.Next(8) == 0)
        {
            bytes[^1] |= 0x80;
            bytes.Add(0);
        }
        return [.. bytes];
    }
}
