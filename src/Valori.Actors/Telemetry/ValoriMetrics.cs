using System.Diagnostics.Metrics;

namespace Valori.Actors.Telemetry;

/// <summary>
/// The one meter of Valori, named <c>Valori</c> (docs/telemetry.md in Valori's repository). What nobody listens to costs a look at a flag: callers ask for
/// <see cref="Instrument.Enabled"/> before they measure a time or make tags.
/// </summary>
internal static class ValoriMetrics
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Valori";

    // OpenTelemetry's names.
    public const string Collection = "db.collection.name", Operation = "db.operation.name", System = "db.system.name", ErrorType = "error.type";

    /// <summary>Valori's own: the lane of a query, and what a limit is of.</summary>
    public const string Lane = "valori.lane", Reason = "valori.reason";

    /// <summary>The value of <see cref="System"/>.</summary>
    public const string SystemName = "valori";

    // As OpenTelemetry advises for databases, and some below: a look-up takes microseconds.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
    };

    private static readonly Meter Meter = new(Name);

    public static Histogram<double> OperationDuration { get; } =
        Meter.CreateHistogram("db.client.operation.duration", "s", "How long a call took, as its caller saw it.", tags: null, Seconds);

    public static Histogram<double> QueryDuration { get; } =
        Meter.CreateHistogram("valori.query.duration", "s", "How long a query took from its arrival to its answer, its wait included.", tags: null, Seconds);

    public static Histogram<double> WriteDuration { get; } =
        Meter.CreateHistogram("valori.journal.write.duration", "s", "How long a write to the journal took until it was durable.", tags: null, Seconds);

    public static Counter<long> WrittenBytes { get; } = Meter.CreateCounter<long>("valori.journal.written", "By", "Bytes of events that became durable.");

    public static Counter<long> WrittenEvents { get; } = Meter.CreateCounter<long>("valori.journal.events", "{event}", "Events that became durable.");

    public static Counter<long> SearchedRows { get; } = Meter.CreateCounter<long>("valori.search.rows", "{row}", "Rows that searches looked at.");

    public static Counter<long> Overloaded { get; } = Meter.CreateCounter<long>("valori.overloaded", "{request}", "Requests that were not done because of a limit.");

    static ValoriMetrics()
    {
        Gauge("valori.commands.in_flight", "{command}", "Commands that wait for their answers.", gauges => gauges.CommandsInFlight);
        Gauge("valori.bytes.in_flight", "By", "Content of those commands.", gauges => gauges.BytesInFlight);
        Gauge("valori.queries.waiting", "{query}", "Queries that wait for a query actor, both lanes together.", gauges => gauges.QueriesWaiting);
        Gauge("valori.snapshot.age", "s", "How old the state of the newest snapshot is.", gauges => gauges.SnapshotAge);
        Gauge("valori.journal.since_snapshot", "By", "Events that a start would replay, but for lists of requests.", gauges => gauges.BytesSinceSnapshot);
        Gauge("valori.recovery.progress", "1", "How much of the journal a recovery has read; 1 if the collection takes commands.", gauges => gauges.RecoveryProgress);
        Gauge("valori.records", "{record}", "Live records.", gauges => gauges.Records);
        Meter.CreateObservableGauge(
            "valori.memory.usage", () => MemoryGauges.All.Select(memory => new Measurement<long>(memory.Usage())), "By", "What the collections of an ActorSystem keep in memory.");
        Meter.CreateObservableGauge("valori.memory.limit", () => MemoryGauges.All.Select(memory => new Measurement<long>(memory.Limit)), "By", "valori.max-memory-bytes.");
    }

    public static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);

    private static void Gauge(string name, string unit, string description, Func<EngineGauges, double?> value) => Meter.CreateObservableGauge(
        name,
        () => EngineGauges.All.Select(gauges => (gauges.Name, Value: value(gauges))).Where(of => of.Value is not null).Select(of => new Measurement<double>(of.Value!.Value, Tag(Collection, of.Name))),
        unit, description);
}
