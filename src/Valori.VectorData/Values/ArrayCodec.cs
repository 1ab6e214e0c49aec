using System.Collections;

namespace Valori.VectorData.Values;

/// <summary>Arrays and lists of values of one type.</summary>
/// <param name="type">The array or list.</param>
internal sealed class ArrayCodec(Type type, Type elementType, ValueCodec element) : ValueCodec
{
    public ValueCodec Element => element;

    public override FieldValue Write(object value)
    {
        List<FieldValue> elements = [];
        foreach (object? item in (IEnumerable)value)
        {
            if (item is null) throw new ArgumentException($"element {elements.Count} is null, and an array of a field has no null: leave it out");
            try
            {
                elements.Add(element.Write(item));
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException($"element {elements.Count}: {e.Message}", e);
            }
        }
        return FieldValue.Array(elements);
    }

    public override object Read(FieldValue value)
    {
        if (value.Type < FieldValueType.EmptyArray) throw Unexpected(value, type);
        IReadOnlyList<FieldValue> elements = value.Elements;
        Array array = Array.CreateInstance(elementType, elements.Count);
        for (int i = 0; i < elements.Count; i++) array.SetValue(element.Read(elements[i]), i);
        return type.IsArray ? array : Activator.CreateInstance(type, array)!;
    }

    public override void AddEqual(object constant, List<FieldValue> stored) =>
        throw new NotSupportedException("== of arrays and lists asks for the same object, which no stored one is; ask for elements with Contains, or for null");
}
