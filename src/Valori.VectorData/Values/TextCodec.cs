
namespace Valori.VectorData.Values;

/// <summary>Values as text: equal ones have equal text, and if they have an order, it is that of the bytes of the text.</summary>
/// <param name="write">The text, without suffix.</param>
/// <param name="read">The value of a text, or null if it is not one.</param>
internal sealed class TextCodec<T>(Func<T, string> write, Func<string, T?> read, bool isOrdered) : ValueCodec
    where T : struct
{
    /// <summary>What may follow the text of a value without making it another one, in the order of the bytes; the empty suffix comes first.</summary>
    public IReadOnlyList<string> Suffixes { get; init; } = [""];

    /// <summary>Which suffix a value has.</summary>
    public Func<T, string> SuffixOf { get; init; } = _ => "";

    public override FieldValue Write(object value) => write((T)value) + SuffixOf((T)value);

    public override object Read(FieldValue value) =>
        value.Type == FieldValueType.String && read(value.AsString()) is { } known ? known : throw Unexpected(value, typeof(T));

    public override FieldValue Plain(FieldValue stored)
    {
        if (Suffixes.Count == 1 || stored.Type != FieldValueType.String) return stored;
        string text = stored.AsString();
        return text[..^Suffixes.Last(suffix => text.EndsWith(suffix, StringComparison.Ordinal)).Length];
    }

    public override void AddEqual(object constant, List<FieldValue> stored)
    {
        string text = Text(constant);
        foreach (string suffix in Suffixes) stored.Add(text + suffix);
    }

    public override Filter? Compare(Operand operand, Order order, object constant)
    {
        if (order == Order.Equal || !isOrdered) return base.Compare(operand, order, constant);
        // Values that are equal lie between the text without a suffix and that with the last one.
        string text = Text(constant);
        return operand.Compare(order, order is Order.Less or Order.GreaterOrEqual ? text : text + Suffixes[^1]);
    }

    private string Text(object constant) => write(constant is T value ? value : throw Foreign(constant, typeof(T)));
}
