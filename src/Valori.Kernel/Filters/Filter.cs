using System.Buffers;
using System.Text;
using System.Text.Json;
using Valori.Kernel.Filters;
using Valori.Kernel.Values;

namespace Valori;

/// <summary>
/// A condition on records: on their fields, key, tag and id. It has three spellings: C#, as in
/// <c>Filter.Eq("user", "ada") &amp; Filter.Ge("at", time)</c>, a line of text (<see cref="Parse"/>), and a JSON object
/// (<see cref="FromJson(JsonElement)"/>). Section 2 of docs/formats.md in Valori's repository says what each condition means. Immutable.
/// </summary>
/// <remarks>
/// The names <c>key</c>, <c>tag</c> and <c>id</c> are the record's own. A field that is called so is <c>$fields.key</c>.
/// </remarks>
public abstract class Filter : IEquatable<Filter>
{
    // With so many conditions, a record's fields are walked over once, and not once for each condition.
    private const int WalkOnce = 8;

    private byte[]? _canonical;

    internal Filter()
    {
    }

    /// <summary>Every record.</summary>
    public static Filter All { get; } = new Everything();

    /// <summary>
    /// The canonical bytes (section 2 of docs/formats.md in Valori's repository): equal filters have equal bytes. None for <see
    /// cref="All"/>.
    /// </summary>
    public ReadOnlyMemory<byte> Canonical
    {
        get
        {
            if (_canonical is null)
            {
                ArrayBufferWriter<byte> bytes = new(Math.Max(Size, 1));
                WriteCanonical(bytes);
                _canonical = bytes.WrittenSpan.ToArray();
            }
            return _canonical;
        }
    }

    /// <summary>Levels of conditions.</summary>
    internal abstract int Depth { get; }

    /// <summary>Conditions, each value of a list counted.</summary>
    internal abstract int Terms { get; }

    /// <summary>Conditions, a list as one.</summary>
    internal abstract int Conditions { get; }

    /// <summary>Those of them that look at every element of an array.</summary>
    internal abstract int ArrayConditions { get; }

    /// <summary>How many comparisons these make for one element at most.</summary>
    internal abstract int ElementComparisons { get; }

    /// <summary>Bytes in canonical form.</summary>
    internal abstract int Size { get; }

    /// <summary>What its conditions are about, each as often as it is there.</summary>
    internal abstract IEnumerable<FilterOperand> Operands { get; }

    /// <summary>Whether a condition is about this.</summary>
    internal bool Uses(OperandKind kind) => Operands.Any(operand => operand.Kind == kind);

    /// <summary>The records that have this tag.</summary>
    public static Filter Tag(ulong tag) => new OperandComparison(FilterOperator.Equal, FilterOperand.Tag, new FilterLiteral(tag));

    /// <summary>The records that have this tag; every record if it is null.</summary>
    public static Filter TagOrAll(ulong? tag) => tag is { } wanted ? Tag(wanted) : All;

    /// <summary>The record that has this key.</summary>
    /// <exception cref="ArgumentException">It is not a key.</exception>
    public static Filter Key(string key) => Eq("key", key);

    /// <summary>The record with this id.</summary>
    public static Filter Id(ulong id) => new OperandComparison(FilterOperator.Equal, FilterOperand.Id, new FilterLiteral(id));

    /// <summary>Records whose field has this value. An int64 and a float64 are equal if they are the same number.</summary>
    /// <exception cref="ArgumentException">No record can match: the name is not a field's, or the value has the wrong type.</exception>
    public static Filter Eq(string name, FieldValue value) => Compare(FilterOperator.Equal, name, value);

    /// <summary>Records whose field has another value, a value of another type, or none.</summary>
    /// <inheritdoc cref="Eq(string, FieldValue)" path="/exception"/>
    public static Filter Ne(string name, FieldValue value) => Compare(FilterOperator.NotEqual, name, value);

    /// <summary>Records whose field is a smaller number, an earlier time, or a string that comes before by its UTF-8 bytes.</summary>
    /// <inheritdoc cref="Eq(string, FieldValue)" path="/exception"/>
    public static Filter Lt(string name, FieldValue value) => Compare(FilterOperator.Less, name, value);

    /// <inheritdoc cref="Lt(string, FieldValue)"/>
    public static Filter Le(string name, FieldValue value) => Compare(FilterOperator.LessOrEqual, name, value);

    /// <summary>Records whose field is a larger number, a later time, or a string that comes after by its UTF-8 bytes.</summary>
    /// <inheritdoc cref="Eq(string, FieldValue)" path="/exception"/>
    public static Filter Gt(string name, FieldValue value) => Compare(FilterOperator.Greater, name, value);

    /// <inheritdoc cref="Gt(string, FieldValue)"/>
    public static Filter Ge(string name, FieldValue value) => Compare(FilterOperator.GreaterOrEqual, name, value);

    /// <summary>The same for a tag or an id of any size; the value of a field has at most 63 bits.</summary>
    /// <inheritdoc cref="Eq(string, FieldValue)" path="/exception"/>
    public static Filter Eq(string name, ulong value) => Compare(FilterOperator.Equal, name, value);

    /// <inheritdoc cref="Eq(string, ulong)"/>
    public static Filter Ne(string name, ulong value) => Compare(FilterOperator.NotEqual, name, value);

    /// <inheritdoc cref="Eq(string, ulong)"/>
    public static Filter Lt(string name, ulong value) => Compare(FilterOperator.Less, name, value);

    /// <inheritdoc cref="Eq(string, ulong)"/>
    public static Filter Le(string name, ulong value) => Compare(FilterOperator.LessOrEqual, name, value);

    /// <inheritdoc cref="Eq(string, ulong)"/>
    public static Filter Gt(string name, ulong value) => Compare(FilterOperator.Greater, name, value);

    /// <inheritdoc cref="Eq(string, ulong)"/>
    public static Filter Ge(string name, ulong value) => Compare(FilterOperator.GreaterOrEqual, name, value);

    /// <summary>Records whose tag, id or field is one of the values, which may have 64 bits for a tag and an id.</summary>
    /// <inheritdoc cref="Eq(string, FieldValue)" path="/exception"/>
    public static Filter In(string name, IEnumerable<ulong> values) => OrThrow(FilterFactory.Member(name, [.. values]));

    /// <summary>Records whose field is one of the values, which can all be compared with each other. An array stands for its elements.</summary>
    /// <inheritdoc cref="Eq(string, FieldValue)" path="/exception"/>
    public static Filter In(string name, params IEnumerable<FieldValue> values) => Member(FilterOperator.In, name, values);

    /// <summary>Records that have the field.</summary>
    /// <inheritdoc cref="Eq(string, FieldValue)" path="/exception"/>
    public static Filter Exists(string name) => OrThrow(FilterFactory.Exists(name));

    /// <summary>Records whose field is an array with this element.</summary>
    /// <inheritdoc cref="Eq(string, FieldValue)" path="/exception"/>
    public static Filter Contains(string name, FieldValue element) => Compare(FilterOperator.Contains, name, element);

    /// <summary>Records whose field is an array with one of these elements at least. An array stands for its elements.</summary>
    /// <inheritdoc cref="Eq(string, FieldValue)" path="/exception"/>
    public static Filter ContainsAny(string name, params IEnumerable<FieldValue> elements) => Member(FilterOperator.ContainsAny, name, elements);

    /// <summary>Records whose field is a string that begins so.</summary>
    /// <inheritdoc cref="Eq(string, FieldValue)" path="/exception"/>
    public static Filter StartsWith(string name, string prefix) => Compare(FilterOperator.StartsWith, name, prefix);

    /// <summary>Records that match all filters.</summary>
    /// <exception cref="ArgumentException">They are too many or too deep together.</exception>
    public static Filter And(params IReadOnlyList<Filter> filters) => OrThrow(FilterFactory.And(filters));

    /// <summary>Records that match one of the filters.</summary>
    /// <inheritdoc cref="And" path="/exception"/>
    public static Filter Or(params IReadOnlyList<Filter> filters) => OrThrow(FilterFactory.Or(filters));

    /// <inheritdoc cref="And"/>
    public static Filter operator &(Filter left, Filter right) => And(left, right);

    /// <inheritdoc cref="Or"/>
    public static Filter operator |(Filter left, Filter right) => Or(left, right);

    /// <summary>Records that do not match the filter.</summary>
    /// <exception cref="ArgumentException">It is <see cref="All"/>, and nothing is left; or it is too deep.</exception>
    public static Filter operator !(Filter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return OrThrow(FilterFactory.Not(filter));
    }

    /// <summary>
    /// Reads a line of text, as in <c>user = 'ada' and at >= '2026-01-01' and not (n in (1, 2.5))</c> (section 2 of docs/formats.md in
    /// Valori's repository).
    /// </summary>
    /// <returns>Or a refusal that has the column, what was found there, and what was expected.</returns>
    public static Outcome<Filter> Parse(string text) => FilterText.Parse(text);

    /// <summary>
    /// Reads a JSON object, as in <c>{"user":"ada","at":{">=":"2026-01-01"}}</c> (section 2 of docs/formats.md in Valori's repository).
    /// </summary>
    /// <returns>Or a refusal that has the place.</returns>
    public static Outcome<Filter> FromJson(JsonElement json) => FilterJson.Read(json);

    /// <inheritdoc cref="FromJson(JsonElement)"/>
    public static Outcome<Filter> FromJson(string json) => JsonText.Read(json, "the filter is", FromJson);

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="FormatException">They are not the canonical form of a filter.</exception>
    public static Filter Read(ReadOnlySpan<byte> canonical) => canonical.IsEmpty ? All : FilterReader.Read(canonical);

    /// <summary>A JSON object that <see cref="FromJson(string)"/> reads as the same filter; <c>{}</c> for <see cref="All"/>, which it refuses.</summary>
    public string ToJson()
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json)) WriteJson(writer);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    /// <summary>
    /// A text that <see cref="Parse"/> reads as the same filter; <c>all</c> for <see cref="All"/>, which it refuses. It may be longer
    /// than <see cref="Parse"/> takes, as quotes within strings are doubled: to keep a filter, use <see cref="ToJson"/> or <see cref="Canonical"/>.
    /// </summary>
    public override string ToString()
    {
        StringBuilder text = new();
        WriteText(text);
        return text.ToString();
    }

    public bool Equals(Filter? other) => other is not null && (ReferenceEquals(this, other) || Canonical.Span.SequenceEqual(other.Canonical.Span));

    public override bool Equals(object? obj) => Equals(obj as Filter);

    public override int GetHashCode()
    {
        HashCode hash = new();
        hash.AddBytes(Canonical.Span);
        return hash.ToHashCode();
    }

    /// <summary>The tag that a record must have, if that is the whole condition; otherwise null.</summary>
    internal ulong? TagOrNull() => this is OperandComparison { Comparing: FilterOperator.Equal, Operand.Kind: OperandKind.Tag } comparison ? comparison.Literal.Whole : null;

    /// <summary>Whether a record matches it. Allocates nothing.</summary>
    /// <param name="key">Its bytes; none if the record has no key.</param>
    /// <param name="fields">Canonical; none if the record has no fields.</param>
    internal bool Matches(ulong id, ulong tag, ReadOnlySpan<byte> key, ReadOnlySpan<byte> fields)
    {
        if (Conditions < WalkOnce || fields.IsEmpty) return Matches(new RecordFacts(id, tag, key, fields));
        Span<ushort> starts = stackalloc ushort[PackedFields.CountOf(fields)];
        PackedFields.CopyStarts(fields, starts);
        return Matches(new RecordFacts(id, tag, key, fields, starts));
    }

    /// <inheritdoc cref="Matches(ulong, ulong, ReadOnlySpan{byte}, ReadOnlySpan{byte})" path="/summary"/>
    internal abstract bool Matches(in RecordFacts record);

    internal abstract void WriteCanonical(ArrayBufferWriter<byte> bytes);

    internal abstract void WriteText(StringBuilder text);

    internal abstract void WriteJson(Utf8JsonWriter json);

    private static Filter Compare(FilterOperator comparing, string name, FieldValue value)
    {
        if (value is null) throw new ArgumentNullException(nameof(value), $"'{name}' is compared with null, which no field is: use !Filter.Exists for records without the field");
        return OrThrow(FilterFactory.Compare(comparing, name, value));
    }

    private static Filter Compare(FilterOperator comparing, string name, ulong value) => OrThrow(FilterFactory.Compare(comparing, name, value));

    private static Filter Member(FilterOperator comparing, string name, IEnumerable<FieldValue> values)
    {
        FieldValue[] list = [.. values];
        if (list.Any(value => value is null)) throw new ArgumentNullException(nameof(values), $"'{name}' is compared with null, which no field is");
        if (list is [{ } only] && only.Type.IsArray()) list = [.. only.Elements];
        return OrThrow(FilterFactory.Member(comparing, name, list));
    }

    private static Filter OrThrow(Outcome<Filter> outcome) => outcome.TryGet(out Filter? filter, out Refusal? refusal) ? filter : throw new ArgumentException(refusal.Message);
}
