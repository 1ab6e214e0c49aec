using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Akka.Actor;
using Valori.Host.Http;
using Valori.Host.Json;
using Valori.Host.Operations;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Operations;

/// <summary>A request means the same in a line and over HTTP, its answer has the same form, and both survive a trip through JSON.</summary>
public sealed class RoundTripTests(ValoriService service) : IClassFixture<ValoriService>
{
    // A request that is sent has no field without a value.
    private static readonly JsonSerializerOptions RequestJson = new(AnswerJson.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new AsOfAsNumber(), new FilterAsObject(), new PartsAsNames(), new KeyAsText(), new FieldsAsObject(), new PartAsLine(), new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    [Fact]
    public async Task A_request_that_becomes_JSON_is_the_same_request_again()
    {
        (_, string snapshot) = await FilledAsync("requests");
        foreach (Operation operation in OperationTable.All)
        {
            JsonObject line = new OperationSample(operation, snapshot, 2).Fields;
            foreach (string name in new[] { "op", "request_id" }) line.Remove(name);
            object request = Bound(operation, line);
            Assert.IsType(operation.Request.Type, request);
            // Bytes that are read as they arrive are in no JSON.
            if (request is RestoreRequest restore)
            {
                Assert.Equal(new FileInfo(snapshot).Length, restore.Snapshot.Length);
                await restore.Snapshot.DisposeAsync();
                continue;
            }
            JsonObject written = JsonSerializer.SerializeToNode(request, operation.Request.Type, RequestJson)!.AsObject();
            // What was left out has its default, which is written.
            Assert.All(line, field => Assert.True(JsonNode.DeepEquals(field.Value, written[field.Key]), $"{operation.Name} was {line} and became {written}"));
            JsonNode again = JsonSerializer.SerializeToNode(Bound(operation, written), operation.Request.Type, RequestJson)!;
            Assert.True(JsonNode.DeepEquals(written, again), $"{operation.Name} was {written} and became {again}");
        }
    }

    [Fact]
    public async Task A_query_is_answered_with_the_same_bytes_in_exec_and_over_HTTP()
    {
        (ValoriEngine engine, string snapshot) = await FilledAsync("queries");
        foreach (Operation operation in OperationTable.All.Where(operation => operation.Kind == OperationKind.Read))
        {
            OperationSample sample = new(operation, snapshot, (await engine.StatusAsync()).SequenceNr);
            string line = await OperationSample.AnswerAsync(service.Part<ActorSystem>(), engine, sample.Line), http = await AnswerAsync(sample, "queries");
            Assert.True(line == http, $"{sample.Line} is answered with {line}, and over HTTP with {http}");
        }
    }

    /// <summary>Whatever a client can send has an operation. A transaction's parts are told as well, so commands inside it would hide one that has none: they are left out.</summary>
    [Fact]
    public async Task The_operations_together_lead_to_every_kind_of_event_but_the_engine_s_own()
    {
        (ValoriEngine engine, string snapshot) = await FilledAsync("all-kinds");
        long asOf = (await engine.StatusAsync()).SequenceNr;
        // The samples have every field, with which an edge is another event.
        await OperationSample.AnswerAsync(service.Part<ActorSystem>(), engine, """{"op":"create_edge","from_id":0,"to_id":1,"kind":1}""");
        foreach (Operation operation in OperationSample.InOrder) await OperationSample.AnswerAsync(service.Part<ActorSystem>(), engine, new OperationSample(operation, snapshot, asOf).Line);
        await service.CreateCollectionAsync(name: "other");
        IEnumerable<TimelineKind> told = (await engine.TimelineAsync(1, Timeline.MaximumEntries)).Entries
            .SelectMany(entry => entry.Changes.TakeWhile((_, i) => i == 0 || entry.Changes[0].Kind != TimelineKind.Transacted)).Select(change => change.Kind);
        Assert.Equal([TimelineKind.RecordsExpired], Enum.GetValues<TimelineKind>().Except(told));
    }

    [Fact]
    public async Task Every_answer_has_the_same_form_in_exec_and_over_HTTP_and_is_the_same_after_a_trip_through_its_type()
    {
        (ValoriEngine engine, string snapshot) = await FilledAsync("in-lines");
        await FilledAsync("over-http");
        long asOf = (await engine.StatusAsync()).SequenceNr;
        foreach (Operation operation in OperationSample.InOrder)
        {
            OperationSample sample = new(operation, snapshot, asOf);
            string line = await OperationSample.AnswerAsync(service.Part<ActorSystem>(), engine, sample.Line);
            // The line may have dropped it.
            await service.CreateCollectionAsync(name: "other");
            string http = await AnswerAsync(sample, "over-http");
            Assert.True(FormOf(JsonNode.Parse(line)) == FormOf(JsonNode.Parse(http)), $"{sample.Line} is answered with {line}, and over HTTP with {http}");
            object answer = JsonSerializer.Deserialize(line, operation.Answer)!;
            Assert.Equal(line, JsonSerializer.Serialize(answer, operation.Answer));
        }
    }

    private static object Bound(Operation operation, JsonObject fields)
    {
        using JsonDocument document = JsonFields.Parse(JsonSerializer.SerializeToUtf8Bytes(fields));
        JsonFields read = new(document.RootElement, operation.Line);
        return operation.Request.Bind(field => field.FromJson(read));
    }

    private async Task<string> AnswerAsync(OperationSample sample, string collection)
    {
        using HttpRequestMessage request = sample.ToHttp(collection);
        using HttpResponseMessage response = await service.Client.SendAsync(request);
        HttpAnswer answer = await HttpAnswer.OfAsync(response);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{request.Method} {request.RequestUri}: {answer}");
        return answer.Text;
    }

    private async Task<(ValoriEngine Engine, string Snapshot)> FilledAsync(string name)
    {
        await service.CreateCollectionAsync(name: "other");
        ValoriEngine engine = await service.Part<Collections>().CreateAsync(name, 2, CancellationToken.None);
        foreach (string line in OperationSample.Content) Assert.DoesNotContain("\"error\"", await OperationSample.AnswerAsync(service.Part<ActorSystem>(), engine, line));
        return (engine, await engine.SaveAsync());
    }

    /// <summary>Names and kinds of values, without the values.</summary>
    private static string FormOf(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject fields => $"{{{string.Join(",", fields.Select(field => $"{field.Key}:{FormOf(field.Value)}"))}}}",
        JsonArray items => $"[{string.Join(",", items.Select(FormOf))}]",
        _ => node.GetValueKind().ToString(),
    };

    private sealed class FilterAsObject : JsonConverter<Filter>
    {
        public override Filter Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException("the operation's own reader reads it");

        public override void Write(Utf8JsonWriter writer, Filter value, JsonSerializerOptions options) => writer.WriteRawValue(value.ToJson());
    }

    private sealed class PartsAsNames : JsonConverter<RecordParts>
    {
        public override RecordParts Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException("the operation's own reader reads it");

        public override void Write(Utf8JsonWriter writer, RecordParts value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            foreach (RecordParts part in Enum.GetValues<RecordParts>().Where(part => int.IsPow2((int)part) && (value & part) != 0)) writer.WriteStringValue(AnswerJson.Word(part));
            writer.WriteEndArray();
        }
    }

    private sealed class KeyAsText : JsonConverter<RecordKey>
    {
        public override RecordKey Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException("the operation's own reader reads it");

        public override void Write(Utf8JsonWriter writer, RecordKey value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }

    private sealed class FieldsAsObject : JsonConverter<Fields>
    {
        public override Fields Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException("the operation's own reader reads it");

        public override void Write(Utf8JsonWriter writer, Fields value, JsonSerializerOptions options) => value.WriteTo(writer);
    }

    private sealed class PartAsLine : JsonConverter<PartRequest>
    {
        public override PartRequest Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException("the operation's own reader reads it");

        public override void Write(Utf8JsonWriter writer, PartRequest value, JsonSerializerOptions options)
        {
            JsonObject line = JsonSerializer.SerializeToNode(value.Request, value.Operation.Request.Type, options)!.AsObject();
            line["op"] = value.Operation.Name;
            foreach ((string field, int command, int item) in value.References) line[field] = new JsonObject { ["ref"] = command, ["item"] = item };
            line.WriteTo(writer);
        }
    }

    private sealed class AsOfAsNumber : JsonConverter<AsOf>
    {
        public override AsOf Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException("the operation's own reader reads it");

        public override void Write(Utf8JsonWriter writer, AsOf value, JsonSerializerOptions options) => writer.WriteNumberValue(((AsOf.AtSequenceNr)value).Number);
    }
}
