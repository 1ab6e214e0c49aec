
namespace Valori.VectorData.Values;

/// <summary>Bools, which have no order.</summary>
internal sealed class BoolCodec : ValueCodec
{
    public override FieldValue Write(object value) => (bool)value;

    public override object Read(FieldValue value) => value.Type == FieldValueType.Bool ? value.AsBool() : throw Unexpected(value, typeof(bool));

    public override void AddEqual(object constant, List<FieldValue> stored) => stored.Add(constant is bool value ? value : throw Foreign(constant, typeof(bool)));
}
