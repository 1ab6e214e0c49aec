using Valori.Kernel;
using Valori.Kernel.Filters;

namespace Valori.Actors.Protocol;

/// <summary>
/// Requests with filters, looked at before they leave the caller, before they become bytes, and by the gateway: on the wire, a field's name that
/// was written without the prefix looks like one that was written with it.
/// </summary>
internal static class FilteredRequests
{
    /// <summary>Why a filter of the request is about a property that is not a field, or null.</summary>
    public static Refusal? Fault(object request) => request switch
    {
        Request { Command: var command } => Fault(command),
        SearchSubgraph search => OnRecords(search.Query?.Filter) ?? OnGraph(search.Traversal),
        SearchQuestion search => OnRecords(search.Query?.Filter),
        ListRecords list => OnRecords(list.Filter),
        CountRecords count => OnRecords(count.Filter),
        Distinct distinct => OnRecords(distinct.Filter),
        DeleteWhere delete => OnRecords(delete.Filter),
        SetFieldsWhere set => OnRecords(set.Filter),
        Expand expand => OnGraph(expand.Traversal),
        GetSubgraph subgraph => OnGraph(subgraph.Traversal),
        ListNodes list => list.Filter is null ? null : PropertyNames.MisnamedOnGraph(list.Filter),
        ListEdges list => list.Filter is null ? null : PropertyNames.MisnamedOnGraph(list.Filter),
        _ => null,
    };

    // What is missing is refused by the engine, with its name.
    private static Refusal? OnRecords(Filter? filter) => filter is null ? null : PropertyNames.FaultOnRecords(filter);

    private static Refusal? OnGraph(Traversal? traversal) =>
        traversal is { EdgeFilter: { } edges, NodeFilter: { } nodes } ? PropertyNames.MisnamedOnGraph(edges) ?? PropertyNames.MisnamedOnGraph(nodes) : null;
}
