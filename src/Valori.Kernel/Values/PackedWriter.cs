using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Valori.Kernel.Values;

/// <summary>Writes values in canonical bytes.</summary>
internal static class PackedWriter
{
    /// <summary>What follows the type of a value.</summary>
    public static void WriteValue(ArrayBufferWriter<byte> bytes, FieldValue value)
    {
        switch (value.Type)
        {
            case FieldValueType.Bool:
                bytes.Write([(byte)value.ScalarBits]);
                return;
            case FieldValueType.String:
                int length = Encoding.UTF8.GetByteCount(value.AsString());
                WriteCount(bytes, length);
                Encoding.UTF8.GetBytes(value.AsString(), bytes.GetSpan(length));
                bytes.Advance(length);
                return;
            case FieldValueType.Int64 or FieldValueType.Float64 or FieldValueType.Timestamp:
                BinaryPrimitives.WriteInt64LittleEndian(bytes.GetSpan(sizeof(long)), value.ScalarBits);
                bytes.Advance(sizeof(long));
                return;
            case FieldValueType.EmptyArray:
                return;
        }
        WriteCount(bytes, value.Elements.Count);
        foreach (FieldValue element in value.Elements) WriteValue(bytes, element);
    }

    public static void WriteUInt16(ArrayBufferWriter<byte> bytes, int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.GetSpan(sizeof(ushort)), checked((ushort)value));
        bytes.Advance(sizeof(ushort));
    }

    private static void WriteCount(ArrayBufferWriter<byte> bytes, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.GetSpan(sizeof(int)), value);
        bytes.Advance(sizeof(int));
    }
}
