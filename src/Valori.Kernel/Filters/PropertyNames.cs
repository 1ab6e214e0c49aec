namespace Valori.Kernel.Filters;

/// <summary>
/// Names of properties in filters that are about fields. A field may be called so, but whoever writes the name without the prefix means the
/// property, and the filter would match nothing and say nothing. A filter that is null has no fault here: it is missing, and refused as such.
/// </summary>
internal static class PropertyNames
{
    /// <summary>What a request calls its only filter.</summary>
    public const string TheFilter = "the filter";

    /// <summary>Why a filter cannot be about nodes, which have fields, a key and an id, or null.</summary>
    public static Refusal? FaultOnNodes(Filter filter) => FaultOnGraph(filter, operand => operand.Kind == OperandKind.Tag, "a node", "fields, an id, and of a document a key");

    /// <summary>Why a filter cannot be about edges, which have fields and an id, or null.</summary>
    public static Refusal? FaultOnEdges(Filter filter) => FaultOnGraph(filter, operand => operand.Kind is OperandKind.Key or OperandKind.Tag, "an edge", "fields and an id");

    /// <summary>The fault of one of several filters of a request, with its name.</summary>
    public static Refusal? In(string filter, Refusal? fault) =>
        fault is { Message: var message } && message.StartsWith(TheFilter, StringComparison.Ordinal) ? fault with { Message = filter + message[TheFilter.Length..] } : fault;

    private static Refusal? FaultOnGraph(Filter filter, Func<FilterOperand, bool> isMissing, string what, string instead) => filter.Operands.Select(operand => operand switch
    {
        _ when isMissing(operand) => $"{TheFilter} is about '{operand.Name}', and {what} has none: it has {instead}. A field of that name is {operand.PrefixedText}",
        _ => Misnamed(operand),
    }).FirstOrDefault(fault => fault is not null) is { } found ? FilterFactory.Refuse(found) : null;

    /// <summary>Of these faults only what does not show in the filter's bytes.</summary>
    public static Refusal? MisnamedOnGraph(Filter? filter) => filter?.Operands.Select(Misnamed).FirstOrDefault(fault => fault is not null) is { } found ? FilterFactory.Refuse(found) : null;

    /// <summary>Why a filter cannot be about records, or null.</summary>
    public static Refusal? FaultOnRecords(Filter? filter) => filter?.Operands.FirstOrDefault(operand => operand.IsPlain && IsPropertyOfRecord(operand.Name)) is { } found
        ? FilterFactory.Refuse(Hint(found, "a filter on records is about their fields, key, tag and id, so store what you ask for as a field of another name"))
        : null;

    /// <summary>Why records have no order or values by this, or null.</summary>
    /// <param name="what">As in <c>the order of a list</c>.</param>
    public static Refusal? FaultOfValues(string what, FilterOperand operand) => operand.IsPlain && IsPropertyOfRecord(operand.Name)
        ? FilterFactory.Refuse($"{what} is '{operand.Name}', which is not a field: store what you ask for as a field of another name. A field of that name is {operand.PrefixedText}")
        : null;

    /// <summary>Whether a record has something of this name that is not a field.</summary>
    public static bool IsPropertyOfRecord(string name) => name.ToLowerInvariant() is "expires_at" or "metadata";

    private static string? Misnamed(FilterOperand operand) => operand.IsPlain && Instead(operand.Name) is { } instead ? Hint(operand, instead) : null;

    private static string? Instead(string name) => name.ToLowerInvariant() switch
    {
        "kind" => "kinds are in 'kinds' of a list, and in 'node_kinds' and 'edge_kinds' of a walk",
        "record_id" => "the record of a node is in 'record_id' of a list of nodes",
        "from_id" or "to_id" => "the ends of an edge are in 'node_id' and 'direction' of a list of edges",
        "valid_from" or "valid_to" => "a time at which edges are valid is in 'valid_at'",
        _ => null,
    };

    private static string Hint(FilterOperand operand, string instead) =>
        $"{TheFilter} is about '{operand.Name}', which is not a field: {instead}. A field of that name is {operand.PrefixedText}";
}
