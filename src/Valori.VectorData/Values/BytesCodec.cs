
namespace Valori.VectorData.Values;

/// <summary>byte[] as text in base 64.</summary>
internal sealed class BytesCodec : ValueCodec
{
    public override FieldValue Write(object value) => Convert.ToBase64String((byte[])value);

    public override object Read(FieldValue value)
    {
        if (value.Type != FieldValueType.String) throw Unexpected(value, typeof(byte[]));
        byte[] bytes = new byte[value.AsString().Length];
        return Convert.TryFromBase64String(value.AsString(), bytes, out int length) ? bytes[..length] : throw Unexpected(value, typeof(byte[]));
    }

    public override void AddEqual(object constant, List<FieldValue> stored) =>
        throw new NotSupportedException("== of arrays asks for the same object, which no stored array is; only null can be asked for");
}
