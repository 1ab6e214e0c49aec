using Akka.Actor;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Kernel.Filters;
using Valori.Kernel.Search;
using Valori.Protocol;

namespace Valori.Actors.Queries;

/// <summary>
/// The query actors of a process, in two lanes with threads of their own: searches and look-ups never wait behind a query that may
/// take a second.
/// </summary>
/// <param name="Ordinary">What is answered in about the time of a search.</param>
/// <param name="Costly">What goes through the past, the journal, many records, or much of the graph (<see cref="IsCostly"/>).</param>
internal sealed record QueryLanes(QueryPool Ordinary, QueryPool Costly)
{
    // Children of the guardian have the names of engines, which begin with a letter or a digit.
    private const string OrdinaryName = "_query-", CostlyName = "_costly-query-";

    // An expansion multiplies with each step; the first ones are what a search with context asks for.
    private const int OrdinaryDepth = 3;

    // A scan looks at each of them for each record that could be a hit.
    private const int OrdinaryConditions = 32;

    // Records that a list reads, or edges of the whole graph: a few milliseconds. Nodes around which a walk may go, and records.
    private const int OrdinaryRows = 8_192, OrdinaryNodes = 1_000;

    // Edges of the nodes that a walk starts from. They are counted before the query has a lane, by the engine's gateway: 20 microseconds.
    private const int OrdinaryEdges = 256;

    // An answer of a mebibyte is read in a few milliseconds. What an answer takes, and how many edges a walk looks at, is known only on the way: the
    // query is then begun again in the other lane.
    private const long OrdinaryBytes = 1 << 20, OrdinarySteps = OrdinaryRows;

    private const int MaximumComparisons = 16;

    // Most of them wait for new events, which takes next to nothing.
    private const int MaximumFeeds = 1_024;

    /// <summary>Comparisons take no actor of a lane for their whole time.</summary>
    public AnswerLimit Comparisons { get; } = new(MaximumComparisons, "comparisons");

    /// <summary>Nor do readers of the change feed, who may wait for seconds.</summary>
    public AnswerLimit Feeds { get; } = new(MaximumFeeds, "readers of change feeds");

    /// <summary>Whether any query is being answered, or was a moment ago.</summary>
    public bool IsBusy => Ordinary.IsBusy || Costly.IsBusy;

    /// <summary>Starts the actors of both lanes under a parent.</summary>
    public static QueryLanes Start(IActorRefFactory parent, ValoriSettings settings, TimeProvider time)
    {
        return new QueryLanes(
            Lane(OrdinaryName, settings.QueryActors, ValoriSettings.QueryDispatcher, isCostly: false),
            Lane(CostlyName, settings.CostlyQueryActors, ValoriSettings.CostlyQueryDispatcher, isCostly: true));

        QueryPool Lane(string name, int actors, string dispatcher, bool isCostly)
        {
            QueryPool pool = new(actors);
            Props query = Props.Create(() => new QueryActor(pool, isCostly, settings, time)).WithDispatcher(dispatcher);
            for (int i = 0; i < actors; i++) pool.BecomeIdle(parent.ActorOf(query, $"{name}{i}"));
            return pool;
        }
    }

    /// <summary>Counts what a query reads, and ends one that is not for its lane.</summary>
    /// <param name="reserve">As in a <see cref="ReadMeter"/>.</param>
    public static ReadMeter MeterOf(bool isCostly, Action<long>? reserve) =>
        isCostly ? new ReadMeter(long.MaxValue, long.MaxValue, reserve) : new ReadMeter(OrdinaryBytes, OrdinarySteps, reserve);

    /// <summary>
    /// Whether it is known before that a query may take many times as long as a search. Of what remains, <see cref="MeterOf"/> ends what
    /// turns out to be long.
    /// </summary>
    public static bool IsCostly(Query query, DurableView view) => query switch
    {
        // Looked up among all versions, one after another.
        { AsOf: AsOf.AtStateHash } => true,
        // Up to 4,096 digests, each of up to 128 that were kept or 32 leaves: 50 ms. A proof of the past, which takes a few hundred of
        // those, takes 0.1 ms: much less than a search (300,000 x 384, of which 30,000 were changed since; docs/benchmarks.md).
        GetTreeDigests => query.AsOf is not null,
        ProveHistory(var from, _) => !view.History.CanProveFrom(from),
        GetTimeline or GetEvents => true,
        // Without an index they look at every record: 0.2 s for a million.
        ListRecords list => IsLong(list.Filter) || view.View.RowsRead(new ListQuery(list.Filter, list.Limit) { Order = list.Order }) > OrdinaryRows,
        CountRecords(var filter) => filter is not Everything && ReadsManyRows(filter, view.View),
        Distinct(_, var filter, _) => ReadsManyRows(filter, view.View),
        SearchQuestion(var search) when search.Filter.Conditions > OrdinaryConditions => true,
        ListNodes { Record: null } list => (list.Filter is not Everything || list.Kinds.Count > 0) && view.View.NodeSlots > OrdinaryRows,
        ListEdges list => (list.Filter is not Everything || list.Kinds.Count > 0 || list.ValidAtUnixMicroseconds is not null) && view.View.EdgeSlots > OrdinaryRows
            && (list.Node is not { } node || !view.View.HasFewEdges([node], list.Direction, OrdinaryEdges)),
        Expand(var start, var depth) expand => depth > OrdinaryDepth || ReadsManyEdges(expand.Traversal, 0, view.View)
            && (depth > 1 || !view.View.HasFewEdges([start], expand.Traversal.Direction, OrdinaryEdges)),
        GetSubgraph(var starts, var depth) subgraph => depth > OrdinaryDepth || ReadsManyEdges(subgraph.Traversal, subgraph.Limit, view.View)
            && (depth > 1 || !view.View.HasFewEdges(starts, subgraph.Traversal.Direction, OrdinaryEdges)),
        // The nodes of the hits are not known yet. Those next to a few of them are what a search with context asks for.
        SearchSubgraph(var search, var depth) subgraph => depth > OrdinaryDepth
            || (depth > 1 || search.K > OrdinaryNodes || subgraph.Limit > OrdinaryNodes) && ReadsManyEdges(subgraph.Traversal, subgraph.Limit, view.View),
        SearchExpand(_, var depth) => depth > OrdinaryDepth,
        _ => false,
    };
    private static bool IsLong(Filter filter) => filter.Terms > OrdinaryConditions;

    private static bool ReadsManyRows(Filter filter, View view) => IsLong(filter) || view.RowsRead(filter) > OrdinaryRows;

    /// <summary>
    /// Whether a walk may read many edges: for each node that it returns, those that do not match, and those into a hub. It reads each edge of
    /// a small graph a few times at most.
    /// </summary>
    private static bool ReadsManyEdges(Traversal traversal, int limit, View view) =>
        view.EdgeSlots > OrdinaryRows && (limit > OrdinaryNodes || !traversal.IsOutgoing);
}
