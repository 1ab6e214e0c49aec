using System.Text.Json.Nodes;
using Valori.Actors.Text;
using Valori.Host.Files;
using Valori.Host.Json;
using Valori.Host.Operations;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Operations;

/// <summary>Every field that holds a time reads the form of docs/formats.md, section 9, over HTTP, in <c>exec</c> and in <c>import</c>, and nothing else.</summary>
public sealed class TimeFieldTests(ValoriService service) : IClassFixture<ValoriService>
{
    private const string Expected = "a time such as 2026-11-25T13:00:00Z or 2026-11-25T14:00:00+01:00";

    // What .NET would read as some day or other, what cannot be one, and what is a time elsewhere.
    private static readonly string[] NotTimes =
    [
        "\"03-04-2027\"", "\"12-01\"", "\"10:00-01:00\"", "\"May-5\"", "\"2027-11\"", "\"2027-11-25T13:00:00+0100\"", "\"5 microseconds since 1970\"",
        "\"999999999999999999 microseconds since 1970\"", "\"2027-02-30\"", "\"2027-11-25T24:00\"", "\"0001-01-01T00:00:00+01:00\"", "\"\"", "\"tomorrow\"",
        "1795784400", "true", "[]", """{"$timestamp":"2027-11-25"}""",
    ];

    public static TheoryData<string, string> Times => new()
    {
        { "2030-01-02", "2030-01-02T00:00:00.000000Z" },
        { "2030-01-02 03:04", "2030-01-02T03:04:00.000000Z" },
        { "2030-01-02T03:04:05Z", "2030-01-02T03:04:05.000000Z" },
        { "2030-01-02T03:04:05.678+01:00", "2030-01-02T02:04:05.678000Z" },
        // As Go, Java and .NET write them.
        { "2030-01-02T03:04:05.123456789Z", "2030-01-02T03:04:05.123456Z" },
        { "2030-01-02T03:04:05.1234567+00:00", "2030-01-02T03:04:05.123456Z" },
        { DateTimeOffset.MaxValue.ToString("O"), "9999-12-31T23:59:59.999999Z" },
    };

    public static TheoryData<string, string, string, string> Requests => new()
    {
        { "POST", "/records", """{"vector":[1,2],"expires_at":?}""", "field 'expires_at'" },
        { "POST", "/records/batch", """{"records":[{"vector":[1,2],"expires_at":?}]}""", "records[0]: field 'expires_at'" },
        { "POST", "/records/expiry", """{"record_id":0,"expires_at":?}""", "field 'expires_at'" },
        { "POST", "/edges", """{"from_id":0,"to_id":0,"kind":1,"valid_from":?}""", "field 'valid_from'" },
        { "POST", "/edges", """{"from_id":0,"to_id":0,"kind":1,"valid_to":?}""", "field 'valid_to'" },
        { "POST", "/edges/0/valid-time", """{"valid_to":?}""", "field 'valid_to'" },
        { "POST", "/edges/list", """{"valid_at":?}""", "field 'valid_at'" },
        { "POST", "/transactions", """{"commands":[{"op":"insert","vector":[1,2],"expires_at":?}]}""", "command 0: field 'expires_at'" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task What_is_not_a_time_is_refused_over_HTTP_and_leaves_no_trace(string method, string path, string body, string field)
    {
        string collection = await service.CreateCollectionAsync();
        string before = (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText();
        foreach (string wrong in NotTimes)
        {
            HttpAnswer answer = await service.SendAsync(HttpMethod.Parse(method), collection + path, body.Replace("?", wrong, StringComparison.Ordinal));
            Assert.True((int)answer.Status == 400, $"{wrong}: {answer}");
            Assert.Contains($"{field} must be {Expected}, got ", answer.Detail);
        }
        Assert.Equal(before, (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText());
    }

    [Fact]
    public async Task What_is_not_a_time_is_refused_in_a_query_and_a_plus_that_became_a_space_is_explained()
    {
        string collection = await service.CreateCollectionAsync();
        const string hint = "Write the '+' of an offset as %2B in a query";
        foreach (string wrong in new[] { "03-04-2027", "5 microseconds since 1970", "2027-11-25T13:00:00%2B0100" })
        {
            HttpAnswer answer = await service.GetAsync($"{collection}/nodes/0/expand?depth=1&valid_at={wrong}");
            Assert.Contains($"parameter 'valid_at' must be {Expected}, got '{Uri.UnescapeDataString(wrong)}'", answer.Detail);
            Assert.DoesNotContain(hint, answer.Detail);
        }
        HttpAnswer lost = await service.GetAsync($"{collection}/nodes/0/expand?depth=1&valid_at=2027-11-25T13:00:00+01:00");
        Assert.EndsWith($"got '2027-11-25T13:00:00 01:00'. {hint}", lost.Detail);
        // A time: what is wrong with the next request is the node alone.
        Assert.Contains("node 0 does not exist", (await service.GetAsync($"{collection}/nodes/0/expand?depth=1&valid_at=2027-11-25T13:00:00.123456789%2B01:00")).Detail);
    }

    [Fact]
    public async Task What_is_not_a_time_is_refused_by_every_operation_of_exec()
    {
        using TemporaryDirectory directory = new();
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(directory.Path, new ValoriOptions { Dimension = 2 });
        (OperationSample Sample, string Field)[] fields = [.. OperationTable.All.SelectMany(operation => operation.Request.Fields
            .Where(field => field.Type == FieldType.Of(typeof(DateTimeOffset)))
            .Select(field => (new OperationSample(operation, "", 1), field.Name)))];
        Assert.Superset(new HashSet<string> { "expires_at", "valid_from", "valid_to", "valid_at" }, fields.Select(field => field.Field).ToHashSet());
        foreach ((OperationSample sample, string field) in fields)
        {
            foreach (string wrong in NotTimes)
            {
                JsonObject line = sample.Fields;
                line[field] = JsonNode.Parse(wrong);
                Assert.Contains($"field '{field}' must be {Expected}, got ", JsonNode.Parse(await OperationSample.AnswerAsync(engine.OwnedSystem!, engine, line.ToJsonString()))!["error"]!.ToString());
            }
        }
        Assert.Equal(1, (await engine.StatusAsync()).SequenceNr);
    }

    [Fact]
    public async Task What_is_not_a_time_is_refused_in_a_line_of_an_import()
    {
        using TemporaryDirectory directory = new();
        foreach (string wrong in NotTimes)
        {
            string path = directory.File("lines.jsonl");
            await File.WriteAllLinesAsync(path, ["[1,2]", $$"""{"vector":[1,2],"expires_at":{{wrong}}}"""]);
            using VectorFile file = VectorFile.Open(path);
            Assert.Contains($"line 2: field 'expires_at' must be {Expected}, got ", Assert.Throws<VectorFileException>(() => file.ReadBatch(10)).Message);
        }
    }

    [Theory]
    [MemberData(nameof(Times))]
    public async Task A_time_is_the_same_in_every_field_and_digits_after_the_microsecond_are_ignored(string text, string time)
    {
        string collection = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{collection}/records", $$"""{"vector":[1,2],"expires_at":"{{text}}"}""");
        await service.DoneAsync(HttpMethod.Post, $"{collection}/records/batch", $$"""{"records":[{"vector":[1,2],"expires_at":"{{text}}"}]}""");
        await service.DoneAsync(HttpMethod.Post, $"{collection}/nodes", """{"kind":1}""");
        await service.DoneAsync(HttpMethod.Post, $"{collection}/edges", $$"""{"from_id":0,"to_id":0,"kind":1,"valid_from":"{{text}}"}""");
        await service.DoneAsync(HttpMethod.Post, $"{collection}/edges", $$"""{"from_id":0,"to_id":0,"kind":1,"valid_to":"{{text}}"}""");
        foreach ((string path, string field) in new[] { ("records/0", "expires_at"), ("records/1", "expires_at"), ("edges/0", "valid_from"), ("edges/1", "valid_to") })
            Assert.Equal(time, (await service.DoneAsync(HttpMethod.Get, $"{collection}/{path}")).GetProperty(field).GetString());
        // Valid from that very microsecond on, and not until it.
        Assert.Equal(0, (await service.DoneAsync(HttpMethod.Post, $"{collection}/edges/list", $$"""{"valid_at":"{{text}}"}""")).GetProperty("edges")[0].GetProperty("id").GetInt32());
        Assert.Equal(time, Iso8601.Format((JsonFields.TimeOf(text)!.Value - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond));
    }
}
