
namespace Valori.VectorData.Values;

/// <summary>Strings. They are compared by their code units, as <c>==</c> does; C# has no other operator for them.</summary>
internal sealed class StringCodec : ValueCodec
{
    public override FieldValue Write(object value) => (string)value;

    public override object Read(FieldValue value) => value.Type == FieldValueType.String ? value.AsString() : throw Unexpected(value, typeof(string));

    public override void AddEqual(object constant, List<FieldValue> stored)
    {
        string text = constant as string ?? throw Foreign(constant, typeof(string));
        try
        {
            stored.Add(text);
        }
        catch (ArgumentException)
        {
            // Half of a surrogate pair is not text, so no stored string equals it.
        }
    }
}
