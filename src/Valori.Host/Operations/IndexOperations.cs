using System.Text.Json.Serialization;
using Valori.Host.Json;
using Valori.Protocol;

namespace Valori.Host.Operations;

internal sealed record IndexStatusRequest;

/// <param name="TimeoutMs">How long to wait.</param>
internal sealed record WaitForIndexRequest(int TimeoutMs = 30_000);

/// <param name="Queries">How many queries are made of stored records.</param>
internal sealed record MeasureRecallRequest(int K = 10, int Beam = SearchMode.DefaultBeam, int Queries = 100);

/// <summary>How many of the nearest records approximate searches find, and how fast they are.</summary>
/// <param name="Queries">That were searched for, both ways.</param>
/// <param name="Low">The lower end of the interval that has the recall of other queries like these with a confidence of 95%.</param>
/// <param name="High">The upper end.</param>
/// <param name="ExactPerSecond">Exact searches, one after another.</param>
/// <param name="ApproximatePerSecond">Approximate searches, one after another.</param>
internal sealed record RecallAnswer(int Queries, double Recall, double Low, double High, double ExactPerSecond, double ApproximatePerSecond, AnsweredAnswer? Answered);

/// <summary>The proximity graph of a collection.</summary>
/// <param name="Ready">Whether approximate searches have what they need.</param>
/// <param name="Graph">The one that searches use.</param>
/// <param name="Building">The one that is being built.</param>
/// <param name="Reason">Why there is none, or what went wrong last.</param>
internal sealed record IndexAnswer(
    bool Ready,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IndexedGraphAnswer? Graph,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] GraphProgressAnswer? Building,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason)
{
    public static IndexAnswer Of(IndexStatus status) => new(
        status.IsReady,
        status.Graph is { } graph
            ? new IndexedGraphAnswer(graph.Digest.ToString(), graph.StateHash.ToString(), graph.Boundary, graph.Records, graph.Uncovered, graph.Bytes)
            : null,
        status.Building is { } building ? new GraphProgressAnswer(building.Done, building.Total) : null,
        status.Reason);
}

/// <summary>A graph that searches use.</summary>
/// <param name="StateHash">Of the state that it was built from.</param>
/// <param name="Boundary">It is about record ids below it.</param>
/// <param name="Records">That it holds.</param>
/// <param name="Uncovered">Record ids from the boundary on, which are scored exactly.</param>
/// <param name="Bytes">What it takes of memory.</param>
internal sealed record IndexedGraphAnswer(string Digest, string StateHash, ulong Boundary, ulong Records, ulong Uncovered, long Bytes);

/// <summary>A graph that is being built.</summary>
internal sealed record GraphProgressAnswer(ulong Done, ulong Total);

/// <summary>The index of approximate searches.</summary>
internal static class IndexOperations
{
    // Exact searches of a million records then take some seconds.
    private const int MaximumQueries = 1_000;

    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<IndexStatusRequest, IndexAnswer>(OperationKind.Read, "index_status", "GET /index",
            "Returns what is known of the proximity graph of a collection.",
            async (on, _, stop) => IndexAnswer.Of(await on.Engine.IndexStatusAsync(stop))),
        new Operation<WaitForIndexRequest, IndexAnswer>(OperationKind.Admin, "wait_for_index", "POST /index/wait",
            "Has a proximity graph of all records built, and waits until searches use it.",
            async (on, request, stop) => IndexAnswer.Of(await on.Engine.WaitForIndexAsync(WaitOf(request.TimeoutMs), stop))),
        new Operation<MeasureRecallRequest, RecallAnswer>(OperationKind.Admin, "measure_recall", "POST /index/recall",
            "Compares approximate searches with exact ones.", MeasureRecallAsync),
    ];

    private static async Task<RecallAnswer> MeasureRecallAsync(OperationContext on, MeasureRecallRequest request, CancellationToken stop)
    {
        if (request.Queries is < 1 or > MaximumQueries) throw new RequestException($"'queries' is {request.Queries}; it must be in 1..{MaximumQueries}");
        if (request.K is < 1 or > SearchMode.MaximumBeam) throw new RequestException($"'k' is {request.K}; it must be in 1..{SearchMode.MaximumBeam}");
        if (request.Beam is < 1 or > SearchMode.MaximumBeam) throw new RequestException($"'beam' is {request.Beam}; it must be in 1..{SearchMode.MaximumBeam}");
        RecallMeasure measure = await RecallMeasure.BeginAsync(on.Engine, queries: null, request.Queries, request.K, stop);
        RecallResult result = await measure.RunAsync(request.Beam, stop);
        (double low, double high) = result.Interval;
        return new RecallAnswer(measure.Queries, result.Recall, low, high, measure.ExactPerSecond, result.PerSecond, AnsweredAnswer.Of(result.Answered));
    }

    /// <exception cref="RequestException">It is no wait that a request may ask for: the facade would divide it.</exception>
    private static TimeSpan WaitOf(int milliseconds) => new WaitForIndex(milliseconds).Check() is { } refusal
        ? throw new RequestException($"'timeout_ms': {refusal.Message}")
        : TimeSpan.FromMilliseconds(milliseconds);
}
