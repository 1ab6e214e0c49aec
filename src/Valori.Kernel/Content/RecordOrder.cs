using Valori.Kernel.Filters;
using Valori.Kernel.Values;

namespace Valori;

/// <summary>
/// In which order a list has its records: by id, by key, or by a field, as in <c>RecordOrder.By("at") with { IsDescending = true }</c>
/// (section 2 of docs/formats.md in Valori's repository). Records with the same value are ordered by id. Those that have no key, not the
/// field, or an array in it come last in both directions.
/// </summary>
public sealed record RecordOrder
{
    private RecordOrder(FilterOperand operand) => Operand = operand;

    /// <summary>The order in which the records were inserted.</summary>
    public static RecordOrder ById { get; } = new(FilterOperand.Id);

    /// <summary>By the bytes of the keys.</summary>
    public static RecordOrder ByKey { get; } = new(FilterOperand.Key);

    /// <summary>Whether the largest comes first, and of the same value the newest record.</summary>
    public bool IsDescending { get; init; }

    /// <summary>What it goes by, as a filter names it.</summary>
    public string Name => IsMinus(Operand.Text) || PropertyNames.IsPropertyOfRecord(Operand.Text) ? Operand.PrefixedText : Operand.Text;

    internal FilterOperand Operand { get; }

    /// <summary><c>id</c>, <c>key</c>, or the name of a field, as a filter names it.</summary>
    /// <exception cref="ArgumentException">There is no such order; <see cref="Parse"/> says so without an exception.</exception>
    public static RecordOrder By(string name) => Parse(name).TryGet(out RecordOrder? order, out Refusal? refusal) ? order : throw new ArgumentException(refusal.Message, nameof(name));

    /// <summary>As <see cref="By"/>, with a refusal that says what is wrong with the name.</summary>
    public static Outcome<RecordOrder> Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (IsMinus(name))
            return new Refusal(
                RefusalKind.InvalidArgument,
                $"the order of a list is '{FieldValueJson.Shown(name)}': write '{FieldValueJson.Shown(name[1..])}' and set descending, "
                    + $"or write $fields.{FieldValueJson.Shown(name)} for a field of that name");
        if (FilterOperand.Parse(name, out string? fault) is not { } operand)
            return new Refusal(RefusalKind.InvalidArgument, $"the order of a list: {fault}. It is id, key or the name of a field; the direction is in descending");
        if (PropertyNames.FaultOfValues("the order of a list", operand) is { } property) return property;
        return operand.Kind switch
        {
            OperandKind.Id => ById,
            OperandKind.Key => ByKey,
            OperandKind.Tag => new Refusal(RefusalKind.InvalidArgument, $"a list is ordered by id, key or a field, and not by tag: write {operand.PrefixedText} for a field of that name"),
            _ => new RecordOrder(operand),
        };
    }

    // Elsewhere this is the other direction. A field may be called so, but hardly one is, and an order by a field that no record has is the order by id.
    private static bool IsMinus(string name) => name is ['-', _, ..];

    public bool Equals(RecordOrder? other) => other is not null && Operand.Kind == other.Operand.Kind && Operand.Name == other.Operand.Name && IsDescending == other.IsDescending;

    public override int GetHashCode() => HashCode.Combine(Operand.Kind, Operand.Name, IsDescending);

    public override string ToString() => IsDescending ? $"{Name}, descending" : Name;
}
