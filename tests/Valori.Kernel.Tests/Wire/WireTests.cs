using Valori.Kernel.Wire;

namespace Valori.Kernel.Tests.Wire;

/// <summary>The canonical form of messages. That it is what the protobuf runtime writes is tested where that runtime is.</summary>
public sealed class WireTests
{
    private static readonly byte[] Written =
    [
        0x08, 0x96, 0x01, // 1: 150
        0x10, 0x00, // 2: 0, of a field that may be absent
        0x19, 1, 0, 0, 0, 0, 0, 0, 0x80, // 3: eight bytes
        0x22, 0x02, 7, 8, // 4: bytes
        0x2A, 0x00, // 5: no bytes, of a field that may be absent
        0x32, 0x02, 0x08, 0x05, // 6: a message with 1: 5
        0x78, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, // 15: -1
        0x82, 0x01, 0x01, 9, // 16: a byte; its key has two
    ];

    [Fact]
    public void Fields_are_written_in_the_canonical_form_and_read_back()
    {
        Assert.Equal(Written, WireWriter.ToBytes(new Sample(Full: true)));
        Assert.Equal(Written.Length, WireWriter.LengthOf(new Sample(Full: true)));
        Assert.Equal(new Sample(Full: true), WireReader.ReadAll(Written, Sample.Read));
    }

    [Fact]
    public void What_is_absent_or_holds_the_default_is_left_out()
    {
        Assert.Empty(WireWriter.ToBytes(new Sample(Full: false)));
        Assert.Equal(new Sample(Full: false), WireReader.ReadAll(Array.Empty<byte>(), Sample.Read));
    }

    [Fact]
    public void Only_the_bytes_of_a_message_are_equal_to_it()
    {
        Assert.True(WireWriter.AreBytesOf(new Sample(Full: true), Written));
        for (int place = 0; place < Written.Length; place++)
        {
            byte[] other = [.. Written];
            other[place] ^= 1;
            Assert.False(WireWriter.AreBytesOf(new Sample(Full: true), other), $"byte {place} differs");
            Assert.False(WireWriter.AreBytesOf(new Sample(Full: true), Written.AsSpan(0, place)), $"it ends at {place}");
        }
        Assert.False(WireWriter.AreBytesOf(new Sample(Full: true), [.. Written, 0]));
    }

    [Fact]
    public void Whatever_is_cut_off_is_refused()
    {
        int[] ends = [0, 3, 5, 14, 18, 20, 24, 35];
        for (int length = 0; length < Written.Length; length++)
        {
            if (!ends.Contains(length)) Assert.Throws<FormatException>(() => WireReader.ReadAll(Written.AsMemory(0, length), Sample.Read));
        }
    }

    [Theory]
    [InlineData("0896018000", "the number and type of the field at byte 3: the number 0 has 2 bytes, more bytes than it needs")] // as a key
    [InlineData("088000", "field 1 at byte 1: the number 0 has 2 bytes, more bytes than it needs")]
    [InlineData("0800", "field 1 holds 0, and would be left out")]
    [InlineData("190000000000000000", "field 3 holds 0, and would be left out")]
    [InlineData("2200", "field 4 holds nothing, and would be left out")]
    [InlineData("0896", "field 1 at byte 1: the message ends inside a number, 1 bytes of it")]
    [InlineData("089601089601", "field 1 is not known here, comes twice or out of order")]
    [InlineData("1000089601", "field 1 is not known here, comes twice or out of order")]
    [InlineData("3801", "field 7 is not known here")]
    [InlineData("32043801", "the message ends inside a field: field 6 at byte 2 needs 4 bytes, 2 are left")]
    [InlineData("32023801", "field 1 is missing")]
    [InlineData("320408053801", "field 7 is not known here")]
    [InlineData("0A0108", "field 1 has the wire type 2, not 0")]
    [InlineData("08FFFFFFFFFFFFFFFFFF02", "field 1 at byte 1: a number is longer than 64 bits, its tenth byte is 2")]
    [InlineData("08FFFFFFFFFFFFFFFFFFFF01", "field 1 at byte 1: a number is longer than 64 bits, its tenth byte is 255")]
    [InlineData("22FFFFFFFFFFFFFFFFFF01", "field 4 at byte 11 needs 18446744073709551615 bytes, 0 are left")]
    [InlineData("1901", "field 3 at byte 1 needs 8 bytes, 1 are left")]
    [InlineData("0001", "0 is not the number of a field, before byte 1")]
    public void Any_other_form_is_refused_with_the_reason(string hex, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => WireReader.ReadAll(Convert.FromHexString(hex), Sample.Read)).Message);

    [Fact]
    public void A_bare_field_stands_in_the_place_of_its_message()
    {
        WireWriterOf bare = new();
        Assert.Equal([0x38, 0x05], WireWriter.ToBytes(bare));
        Assert.Equal("5", WireReader.ReadAll(new byte[] { 0x38, 0x05 }, (ref WireReader reader) => reader.Bare(7, (ref WireReader fields) => $"{fields.SetUInt64(1)}")));
    }

    private readonly struct WireWriterOf : IWireFields
    {
        public void WriteFields(ref WireWriter writer) => writer.Bare(7, new Inner(5));
    }

    private sealed record Inner(ulong Value) : IWireFields
    {
        public void WriteFields(ref WireWriter writer) => writer.SetUInt64(1, Value);

        public static Inner Read(ref WireReader reader) => new(reader.SetUInt64(1));
    }

    private sealed record Sample(bool Full) : IWireFields
    {
        public void WriteFields(ref WireWriter writer)
        {
            writer.UInt64(1, Full ? 150UL : 0);
            if (Full) writer.SetUInt64(2, 0);
            writer.Fixed64(3, Full ? 1UL << 63 | 1 : 0);
            writer.Bytes(4, Full ? [7, 8] : []);
            if (Full) writer.SetBytes(5, []);
            if (Full) writer.Message(6, new Inner(5));
            writer.Int64(15, Full ? -1 : 0);
            writer.Bytes(16, Full ? [9] : []);
        }

        public static Sample Read(ref WireReader reader)
        {
            bool[] full =
            [
                reader.UInt64(1) == 150, reader.OptionalUInt64(2) == 0, reader.Fixed64(3) == (1UL << 63 | 1), reader.Bytes(4).Span.SequenceEqual((byte[])[7, 8]),
                reader.OptionalBytes(5) is { IsEmpty: true }, reader.OptionalMessage(6, Inner.Read) is { Value: 5 }, reader.Int64(15) == -1, reader.Bytes(16).Span is [9],
            ];
            return new Sample(full.Any(isThere => isThere));
        }
    }
}
