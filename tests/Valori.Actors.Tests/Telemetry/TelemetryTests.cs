using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Configuration;
using Valori.Actors.Settings;
using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Telemetry;

/// <summary>What the meter and the activity source tell of a collection. Its name is found nowhere else, so other tests may run beside it.</summary>
public sealed partial class TelemetryTests : IDisposable
{
    private readonly string _name = $"t{Guid.NewGuid():N}";
    private readonly SqliteBackend _backend = new();

    public void Dispose() => _backend.Dispose();

    [Fact]
    public async Task Calls_queries_and_writes_are_measured_with_what_they_were_about()
    {
        using Measured measured = new(_name);
        await using ValoriEngine engine = await OpenAsync();
        await engine.InsertAsync(new float[] { 1, 2 });
        await engine.SearchAsync(new float[] { 1, 2 }, 1);
        await Assert.ThrowsAsync<RefusedException>(() => engine.SoftDeleteAsync(new RecordId(9)));

        Assert.True(measured.Of("db.client.operation.duration", ("db.operation.name", "insert_records"), ("db.system.name", "valori")).Single() > 0);
        Assert.Single(measured.Of("db.client.operation.duration", ("db.operation.name", "search")));
        Assert.Single(measured.Of("db.client.operation.duration", ("db.operation.name", "delete_record"), ("error.type", "not_found")));
        Assert.Single(measured.Awaited("valori.query.duration", ("db.operation.name", "search"), ("valori.lane", "ordinary")));
        Assert.NotEmpty(measured.Of("valori.journal.write.duration"));
        Assert.Equal(1, measured.Of("valori.journal.events").Sum());
        Assert.True(measured.Of("valori.journal.written").Sum() > 70);
        Assert.Equal(1, measured.Of("valori.search.rows").Sum());
    }

    [Fact]
    public async Task Gauges_tell_of_the_collection_until_it_stops()
    {
        using Measured measured = new(_name);
        await using (ValoriEngine engine = await OpenAsync())
        {
            await engine.InsertBatchAsync([new float[] { 1, 2 }, new float[] { 3, 4 }]);
            measured.Look();
            Assert.Equal([2.0], measured.Of("valori.records"));
            Assert.Equal([1.0], measured.Of("valori.recovery.progress"));
            Assert.Equal([0.0], measured.Of("valori.commands.in_flight"));
            Assert.Equal([0.0], measured.Of("valori.bytes.in_flight"));
            Assert.Equal([0.0], measured.Of("valori.queries.waiting"));
            Assert.True(measured.Of("valori.journal.since_snapshot").Single() > 70);
            Assert.Empty(measured.Of("valori.snapshot.age"));
            await engine.SaveAsync();
            measured.Look();
            Assert.InRange(measured.Of("valori.snapshot.age").Single(), 0, 300);
            Assert.Equal(0, measured.Of("valori.journal.since_snapshot").Last());
        }
        int before = measured.Of("valori.records").Count;
        measured.Look();
        Assert.Equal(before, measured.Of("valori.records").Count);
    }

    [Fact]
    public async Task A_span_of_a_call_has_that_of_the_work_below_it()
    {
        using Traced traced = new(_name);
        await using ValoriEngine engine = await OpenAsync();
        using Activity parent = new Activity("a request").Start();
        await engine.InsertAsync(new float[] { 1, 2 });
        await engine.SearchAsync(new float[] { 1, 2 }, 1);
        await Assert.ThrowsAsync<RefusedException>(() => engine.SoftDeleteAsync(new RecordId(9)));
        Assert.Equal(parent, Activity.Current);
        foreach (string operation in (string[])["insert_records", "search", "delete_record"])
        {
            Activity call = traced.Ended($"{operation} {_name}"), work = traced.Ended($"valori {operation}");
            Assert.Equal((ActivityKind.Client, ActivityKind.Server), (call.Kind, work.Kind));
            Assert.Equal((parent.SpanId, parent.TraceId), (call.ParentSpanId, call.TraceId));
            Assert.Equal((call.SpanId, call.TraceId), (work.ParentSpanId, work.TraceId));
        }
        Assert.Equal("not_found", traced.Ended($"delete_record {_name}").GetTagItem("error.type"));
        Assert.Equal(ActivityStatusCode.Error, traced.Ended("valori delete_record").Status);
    }

    [Fact]
    public async Task A_trace_goes_on_in_another_process()
    {
        const string remoting = """
            akka { loglevel = OFF, stdout-loglevel = OFF }
            akka.actor.provider = remote
            akka.remote { untrusted-mode = on, trusted-selection-paths = ["/user/valori"] }
            akka.actor.serializers.akka-stream-ref = "Valori.Actors.Serialization.RefusingSerializer, Valori.Actors"
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }

            """;
        ActorSystem server = ActorSystem.Create("valori", remoting + $"valori.data-directory = {ReferenceConfig.Quote(_backend.DirectoryOf())}");
        ActorSystem client = ActorSystem.Create("client", remoting);
        try
        {
            ValoriExtension.Get(server);
            using Traced traced = new(_name);
            await using ValoriEngine engine = await ValoriEngine.ConnectAsync(client, ((ExtendedActorSystem)server).Provider.DefaultAddress, _name, schema: 2);
            await engine.InsertAsync(new float[] { 1, 2 });
            Activity call = traced.Ended($"insert_records {_name}"), work = traced.Ended("valori insert_records");
            Assert.Equal((call.SpanId, call.TraceId, true), (work.ParentSpanId, work.TraceId, work.HasRemoteParent));
        }
        finally
        {
            await client.Terminate();
            await server.Terminate();
        }
    }

    /// <summary>The page names what there is, and nothing else.</summary>
    [Fact]
    public void The_page_lists_every_instrument_with_its_unit()
    {
        List<string> instruments = [];
        using (MeterListener listener = new())
        {
            listener.InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == "Valori") instruments.Add($"{instrument.Name} {instrument.Unit}");
            };
            System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(Actors.Telemetry.ValoriMetrics).TypeHandle);
            listener.Start();
        }
        IEnumerable<string> listed = Row().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "telemetry.md"))).Select(row => $"{row.Groups["name"].Value} {row.Groups["unit"].Value}");
        Assert.Equal(instruments.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    private Task<ValoriEngine> OpenAsync() => ValoriEngine.OpenAsync(_backend.DirectoryOf(), new ValoriOptions { Name = _name, Dimension = 2, Configuration = ConfigurationFactory.ParseString("akka { loglevel = OFF, stdout-loglevel = OFF }") });

    [GeneratedRegex(@"^\| `(?<name>[a-z_.]+)` \| [a-z ]+ \| `(?<unit>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>The measurements of one collection.</summary>
    private sealed class Measured : IDisposable
    {
        private readonly ConcurrentQueue<(string Instrument, double Value, KeyValuePair<string, object?>[] Tags)> _all = [];
        private readonly MeterListener _listener = new();

        public Measured(string collection)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Valori") listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.Start();

            void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
            {
                KeyValuePair<string, object?>[] all = tags.ToArray();
                if (all.Contains(new("db.collection.name", collection))) _all.Enqueue((instrument.Name, value, all));
            }
        }

        public void Look() => _listener.RecordObservableInstruments();

        public IReadOnlyList<double> Of(string instrument, params (string Name, string Value)[] tags) =>
            [.. _all.Where(one => one.Instrument == instrument && tags.All(tag => one.Tags.Contains(new(tag.Name, tag.Value)))).Select(one => one.Value)];

        /// <summary>The same of what may be measured a moment after the answer.</summary>
        public IReadOnlyList<double> Awaited(string instrument, params (string Name, string Value)[] tags)
        {
            Assert.True(SpinWait.SpinUntil(() => Of(instrument, tags).Count > 0, TimeSpan.FromSeconds(30)), $"{instrument}: {string.Join(", ", _all.Select(one => one.Instrument))}");
            return Of(instrument, tags);
        }

        public void Dispose() => _listener.Dispose();
    }

    /// <summary>The spans about one collection that have ended.</summary>
    private sealed class Traced : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = [];
        private readonly ActivityListener _listener;

        public Traced(string collection)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Valori",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity =>
                {
                    if (activity.GetTagItem("db.collection.name") is string name && name == collection) _ended.Enqueue(activity);
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        /// <summary>The work of an engine may end a moment after its answer.</summary>
        public Activity Ended(string name)
        {
            Assert.True(SpinWait.SpinUntil(() => _ended.Any(activity => activity.OperationName == name), TimeSpan.FromSeconds(30)), $"{name}: {string.Join(", ", _ended.Select(one => one.OperationName))}");
            return _ended.Single(activity => activity.OperationName == name);
        }

        public void Dispose() => _listener.Dispose();
    }
}
