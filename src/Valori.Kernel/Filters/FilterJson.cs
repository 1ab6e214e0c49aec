using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Valori.Kernel.Values;

namespace Valori.Kernel.Filters;

/// <summary>A filter as a JSON object (section 2 of docs/formats.md in Valori's repository).</summary>
internal static class FilterJson
{
    // An error is a line, however deep its place is.
    private const int MaximumPlace = 300;

    private const string And = "and", Or = "or", Not = "not";

    public static Outcome<Filter> Read(JsonElement json) => ReadObject(json, "the filter", 1);

    /// <summary>An operand's name as a member: a field that is called like a word of the filter has its prefix.</summary>
    public static string NameOf(FilterOperand operand) => operand.Kind == OperandKind.Field && operand.Name is And or Or or Not ? operand.PrefixedText : operand.Text;

    private static Outcome<Filter> ReadObject(JsonElement json, string place, int level)
    {
        // What the object builds is checked too, but only after all of it was read.
        if (level > 2 * Limits.MaximumFilterDepth) return Wrong(place, "is nested too deep");
        if (json.ValueKind != JsonValueKind.Object) return Wrong(place, "must be a JSON object");
        HashSet<string> names = new(StringComparer.Ordinal);
        List<Filter> members = [];
        foreach (JsonProperty member in json.EnumerateObject())
        {
            if (FieldValueJson.NameOf(member) is not { } name) return Wrong(place, "has a name that is not text");
            if (!names.Add(name)) return Wrong(place, $"has '{FieldValueJson.Shown(name)}' twice: put the conditions into \"and\"");
            // No field can be compared with objects, so nobody meant a field of this name.
            if (name is not (And or Or or Not) && IsOfObjects(member.Value) && FilterHints.JunctionMeant(name) is { } junction)
                return Wrong(place, $"has '{FieldValueJson.Shown(name)}' with an array: write {junction}");
            string inner = $"{place}, '{FieldValueJson.Shown(name)}'";
            Outcome<Filter> read = name switch
            {
                And or Or => ReadJunction(name, member.Value, inner, level),
                Not => ReadNegation(member.Value, inner, level),
                _ => ReadCondition(name, member.Value, inner),
            };
            if (!read.TryGet(out Filter? filter, out Refusal? refusal)) return refusal;
            members.Add(filter);
        }
        return members.Count == 0 ? Wrong(place, "is empty: leave it out") : Placed(FilterFactory.And(members), place);
    }

    private static Outcome<Filter> ReadJunction(string word, JsonElement json, string place, int level)
    {
        if (json.ValueKind != JsonValueKind.Array) return Wrong(place, "must be an array of filters");
        List<Filter> members = [];
        foreach (JsonElement item in json.EnumerateArray())
        {
            Outcome<Filter> read = ReadObject(item, string.Create(CultureInfo.InvariantCulture, $"{place}[{members.Count}]"), level + 1);
            if (!read.TryGet(out Filter? filter, out Refusal? refusal)) return refusal;
            members.Add(filter);
        }
        if (members.Count == 0) return Wrong(place, "has no filters");
        return Placed(word == And ? FilterFactory.And(members) : FilterFactory.Or(members), place);
    }

    private static Outcome<Filter> ReadNegation(JsonElement json, string place, int level) =>
        ReadObject(json, place, level + 1).TryGet(out Filter? filter, out Refusal? refusal) ? Placed(FilterFactory.Not(filter), place) : refusal;

    private static Outcome<Filter> ReadCondition(string name, JsonElement json, string place)
    {
        if (FilterOperand.Parse(name, out string? fault) is not { } operand)
            return Wrong($"{place}:", name.StartsWith('$') && FilterHints.JunctionMeant(name) is { } junction ? $"{fault}: write {junction}" : fault!);
        if (json.ValueKind != JsonValueKind.Object || FieldValueJson.IsTimestamp(json)) return ReadComparison(FilterOperator.Equal, operand, json, place);
        HashSet<FilterOperator> seen = [];
        List<Filter> conditions = [];
        foreach (JsonProperty member in json.EnumerateObject())
        {
            string? word = FieldValueJson.NameOf(member);
            if (word is null || FilterOperators.Find(word) is not { } comparing)
                return Wrong(place, $"has the unknown operator '{FieldValueJson.Shown(word ?? "")}'{HintFor(name, word)}; "
                    + $"the operators are {FilterOperators.All}. The name of a nested field has dots");
            if (!seen.Add(comparing)) return Wrong(place, $"has '{word}' twice");
            if (!ReadOperator(comparing, name, operand, member.Value, $"{place} {word}").TryGet(out Filter? filter, out Refusal? refusal)) return refusal;
            conditions.Add(filter);
        }
        return conditions.Count == 0 ? Wrong(place, "has no operator") : Placed(FilterFactory.And(conditions), place);
    }

    private static bool IsOfObjects(JsonElement json) => json.ValueKind == JsonValueKind.Array && json.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object);

    private static string HintFor(string name, string? word) =>
        word is not null && FilterHints.OperatorMeant(word) is { } meant ? $": write '{meant}'"
        : name.Equals(Not, StringComparison.OrdinalIgnoreCase) ? $": to negate a filter, write \"{Not}\""
        : "";

    private static Outcome<Filter> ReadOperator(FilterOperator comparing, string name, FilterOperand operand, JsonElement json, string place)
    {
        if (comparing == FilterOperator.Exists)
        {
            if (json.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return Wrong(place, "must be true or false");
            Outcome<Filter> exists = Placed(FilterFactory.Exists(name), place);
            return exists.Value is { } filter && json.ValueKind == JsonValueKind.False ? FilterFactory.Not(filter) : exists;
        }
        if (!comparing.TakesList()) return ReadComparison(comparing, operand, json, place);
        if (json.ValueKind != JsonValueKind.Array) return Wrong(place, "must be an array of values");
        if (json.GetArrayLength() > Limits.MaximumFilterTerms) return Wrong(place, $"has {json.GetArrayLength()} values; a filter has at most {Limits.MaximumFilterTerms}");
        List<FilterLiteral> literals = [];
        foreach (JsonElement item in json.EnumerateArray())
        {
            Outcome<FilterLiteral> read = ReadLiteral(operand, item, string.Create(CultureInfo.InvariantCulture, $"{place}[{literals.Count}]"));
            if (!read.TryGet(out FilterLiteral? literal, out Refusal? refusal)) return refusal;
            literals.Add(literal);
        }
        return Placed(FilterFactory.Member(comparing, operand, [.. literals]), place);
    }

    private static Outcome<Filter> ReadComparison(FilterOperator comparing, FilterOperand operand, JsonElement json, string place) =>
        ReadLiteral(operand, json, place).TryGet(out FilterLiteral? literal, out Refusal? refusal) ? Placed(FilterFactory.Compare(comparing, operand, literal), place) : refusal;

    private static Outcome<FilterLiteral> ReadLiteral(FilterOperand operand, JsonElement json, string place)
    {
        if (operand.IsWhole && json.ValueKind == JsonValueKind.Number && json.TryGetUInt64(out ulong whole)) return new FilterLiteral(whole);
        if (json.ValueKind == JsonValueKind.Array) return Wrong(place, "is an array: use \"contains\" or \"contains_any\" of arrays, and \"in\" for one of several values");
        if (operand.IsWhole && json.ValueKind == JsonValueKind.Number) return Wrong($"{place}:", FilterFactory.WholeFault(operand, Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(json))));
        if (json.ValueKind == JsonValueKind.Null) return Wrong(place, "is null, which no field is: write {\"exists\":false} for records without the field");
        if (FieldValueJson.ReadScalar(json, out string? fault) is not { } value) return Wrong(place, fault!);
        return FilterFactory.Literal(operand, value, out fault) is { } literal ? literal : Wrong($"{place}:", fault!);
    }

    /// <summary>What is wrong with all of a part, after its place.</summary>
    private static Outcome<Filter> Placed(Outcome<Filter> made, string place) => made.Refusal is { } refusal ? Wrong($"{place}:", refusal.Message) : made;

    private static Refusal Wrong(string place, string message) =>
        FilterFactory.Refuse($"{(place.Length <= MaximumPlace ? place : $"{place[..MaximumPlace]}... ")} {message}");
}
