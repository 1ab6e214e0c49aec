using System.Text;

namespace Valori.Fuzz.Targets;

/// <summary>
/// The three spellings of a filter that come from outside: canonical bytes, text, JSON; and the JSON of fields. Declared: a
/// <see cref="FormatException"/> of bytes, and a refusal of the others. What is read is the same in each other spelling.
/// </summary>
internal static class FilterTargets
{
    private const int Samples = 40;

    // Constant: the message of an exception with its stack. Factor: a condition of five bytes is an operand, a literal, a filter, an
    // entry of a list, and as much again in the other spellings that it is compared in. A text of brackets alone is an object of the parser each.
    private static readonly AllocationBound Allocation = new(Allocating.OneThread, 256 << 10, 1_500);

    public static readonly FuzzTarget Canonical = new(
        "filter", AttackCanonical, new Lazy<IReadOnlyList<byte[]>>(() => Corpus(filter => filter.Canonical.ToArray())), Syntax.Binary, Allocation, Rounds: 20_000);

    public static readonly FuzzTarget FilterText = new(
        "filter-text", AttackText, new Lazy<IReadOnlyList<byte[]>>(() => Corpus(filter => Encoding.UTF8.GetBytes(filter.ToString()))), Syntax.Text, Allocation, Rounds: 10_000);

    public static readonly FuzzTarget FilterJson = new(
        "filter-json", AttackJson, new Lazy<IReadOnlyList<byte[]>>(() => Corpus(filter => Encoding.UTF8.GetBytes(filter.ToJson()))), Syntax.Text, Allocation, Rounds: 10_000);

    public static readonly FuzzTarget FieldsJson = new(
        "fields-json", AttackFieldsJson, new Lazy<IReadOnlyList<byte[]>>(FieldsCorpus), Syntax.Text, Allocation, Rounds: 10_000);

    public static void AttackCanonical(ReadOnlySpan<byte> input)
    {
        Filter filter;
        try
        {
            filter = Filter.Read(input);
        }
        catch (FormatException)
        {
            return;
        }
        BrokenPromiseException.ThrowIf(!filter.Canonical.Span.SequenceEqual(input), "a filter has two canonical forms");
        CheckSpellings(filter);
    }

    public static void AttackText(ReadOnlySpan<byte> input)
    {
        if (Read(Filter.Parse(Encoding.UTF8.GetString(input))) is { } filter) CheckSpellings(filter);
    }

    public static void AttackJson(ReadOnlySpan<byte> input)
    {
        if (Read(Filter.FromJson(Encoding.UTF8.GetString(input))) is { } filter) CheckSpellings(filter);
    }

    public static void AttackFieldsJson(ReadOnlySpan<byte> input)
    {
        if (Read(Fields.FromJson(Encoding.UTF8.GetString(input))) is not { } fields) return;
        BrokenPromiseException.ThrowIf(!fields.Equals(Fields.FromJson(fields.ToJson()).Value), "fields are others after they were JSON");
        BrokenPromiseException.ThrowIf(!fields.Equals(Fields.Read(fields.Canonical.Span)), "fields are others after they were bytes");
        Verdict.Accepted();
    }

    private static T? Read<T>(Outcome<T> outcome) where T : class
    {
        if (outcome.TryGet(out T? value, out Refusal? refusal)) return value;
        BrokenPromiseException.ThrowIf(refusal.Kind != RefusalKind.InvalidArgument || refusal.Message.Length > 1_000, $"refused as {refusal}");
        return null;
    }

    private static void CheckSpellings(Filter filter)
    {
        if (filter.Equals(Filter.All)) return;
        BrokenPromiseException.ThrowIf(!filter.Equals(Filter.FromJson(filter.ToJson()).Value), "a filter is another after it was JSON");
        BrokenPromiseException.ThrowIf(!filter.Equals(Filter.Read(filter.Canonical.Span)), "a filter is another after it was bytes");
        string text = filter.ToString();
        // A text of that length is refused, and only of that length.
        BrokenPromiseException.ThrowIf(text.Length <= Limits.MaximumFilterBytes && !filter.Equals(Filter.Parse(text).Value), "a filter is another after it was text");
        Verdict.Accepted();
    }

    private static List<byte[]> Corpus(Func<Filter, byte[]> form)
    {
        Random random = new(11);
        return [.. Enumerable.Range(0, Samples).Select(_ => form(RandomFilters.Build(random)))];
    }

    private static List<byte[]> FieldsCorpus()
    {
        Random random = new(12);
        return [.. Enumerable.Range(0, Samples).Select(_ => Encoding.UTF8.GetBytes(RandomFields.Build(random).ToJson()))];
    }
}
