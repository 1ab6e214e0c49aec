using Akka.Actor;
using Valori.Actors.Protocol;
using Valori.Actors.Settings;
using Valori.Actors.State;

namespace Valori.Actors.Queries;

/// <summary>
/// The query actors of a process, in two lanes with threads of their own: searches and look-ups never wait behind a query that may
/// take a second.
/// </summary>
/// <param name="Ordinary">What is answered in about the time of a search.</param>
/// <param name="Costly">What goes through the past, the journal, or the whole graph (<see cref="IsCostly"/>).</param>
internal sealed record QueryLanes(QueryPool Ordinary, QueryPool Costly)
{
    // Children of the guardian have the names of engines, which begin with a letter or a digit.
    private const string OrdinaryName = "_query-", CostlyName = "_costly-query-";

    // An expansion multiplies with each step; the first ones are what a search with context asks for.
    private const int OrdinaryDepth = 3;

    // A scan looks at each of them for each record that could be a hit.
    private const int OrdinaryConditions = 32;

    private const int MaximumComparisons = 16;

    /// <summary>Comparisons take no actor of a lane for their whole time.</summary>
    public ComparisonLimit Comparisons { get; } = new(MaximumComparisons);

    /// <summary>Starts the actors of both lanes under a parent.</summary>
    public static QueryLanes Start(IActorRefFactory parent, ValoriSettings settings, TimeProvider time)
    {
        return new QueryLanes(
            Lane(OrdinaryName, settings.QueryActors, ValoriSettings.QueryDispatcher),
            Lane(CostlyName, settings.CostlyQueryActors, ValoriSettings.CostlyQueryDispatcher));

        QueryPool Lane(string name, int actors, string dispatcher)
        {
            QueryPool pool = new();
            Props query = Props.Create(() => new QueryActor(pool, settings, time)).WithDispatcher(dispatcher);
            for (int i = 0; i < actors; i++) pool.BecomeIdle(parent.ActorOf(query, $"{name}{i}"));
            return pool;
        }
    }

    /// <summary>Whether a query may take many times as long as a search.</summary>
    public static bool IsCostly(Query query, DurableView view) => query switch
    {
        // Looked up among all versions, one after another.
        { AsOf: AsOf.AtStateHash } => true,
        // Up to 4,096 digests, each of up to 128 that were kept or 32 leaves: 50 ms. A proof of the past, which takes a few hundred of
        // those, takes 0.1 ms: much less than a search (300,000 x 384, of which 30,000 were changed since; docs/benchmarks.md).
        GetTreeDigests => query.AsOf is not null,
        ProveHistory(var from, _) => !view.History.CanProveFrom(from),
        GetTimeline => true,
        // Without an index they look at every record: 0.2 s for a million.
        ListRecords or CountRecords or Distinct => true,
        SearchQuestion(var search) when search.Filter.Conditions > OrdinaryConditions => true,
        ListNodes { Record: null } or ListEdges { Node: null } => true,
        Expand(_, var depth) => depth > OrdinaryDepth,
        GetSubgraph(_, var depth) => depth > OrdinaryDepth,
        SearchSubgraph(_, var depth) => depth > OrdinaryDepth,
        SearchExpand(_, var depth) => depth > OrdinaryDepth,
        _ => false,
    };
}
