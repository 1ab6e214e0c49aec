using System.Text.Json;
using Valori.Host.Operations;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>The dialect refuses what an operation does not know, by name, and has every operation that HTTP has on a collection.</summary>
public sealed class ExecFieldTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static string LongestList => string.Join(',', Enumerable.Range(0, Limits.MaximumFilterTerms));

    private static string DeepestOr => string.Concat(Enumerable.Repeat("{\"or\":[{\"a\":1},{\"not\":", Limits.MaximumFilterDepth / 2 - 1)) + "{\"or\":[{\"a\":1},{\"b\":2}]}"
        + string.Concat(Enumerable.Repeat("}]}", Limits.MaximumFilterDepth / 2 - 1));

    [Fact]
    public async Task What_an_operation_does_not_know_is_refused_by_name_and_leaves_no_trace()
    {
        await using ValoriEngine engine = await OpenAsync();
        await AnswerAsync(engine, """{"op":"insert","vector":[1,2],"tag":7}""");
        Digest before = await engine.GetStateHashAsync();
        foreach ((string line, string error) in new[]
        {
            ("""{"op":"insert","vector":[1,2],"tagg":7}""", "unknown field 'tagg': did you mean 'tag'; 'insert' takes op, vector, tag, key, fields, metadata, expires_at, request_id"),
            ("""{"op":"insert","vector":[1,2],"tag":7,"\u0074ag":8}""", "field 'tag' appears more than once"),
            ("""{"op":"insert","op":"status","vector":[1,2]}""", "field 'op' appears more than once"),
            ("""{"op":"insert","vector":[1,2],"tag":null}""", "field 'tag' is null: leave out what has no value"),
            ("""{"op":"insert","vector":[1,2],"request_id":null}""", "field 'request_id' is null"),
            ("""{"op":"insert","vector":[1,2],"as_of":1}""", "unknown field 'as_of'"),
            ("""{"Op":"insert","vector":[1,2]}""", "field 'op' is missing"),
            ("""{"op":null,"vector":[1,2]}""", "field 'op' is missing"),
            ("""{"op":"search","vector":[1,2],"k":1,"filter":7}""", "field 'filter' must be a JSON object or a text, such as \"user = 'ada'\", got 7"),
            ("""{"op":"search","vector":[1,2],"k":1,"filter":"user == 'ada'"}""", "the filter, column 7: unexpected operator `=`, expected a value"),
            ("""{"op":"search","vector":[1,2],"k":1,"filter":{"n":{"like":1}}}""", "the filter, 'n' has the unknown operator 'like'"),
            ($$"""{"op":"search","vector":[1,2],"k":1,"filter":"id in ({{LongestList}})","tag":7}""", "the filter has 1025 conditions and values; the maximum is 1024"),
            ($$"""{"op":"search_batch","vectors":[[1,2]],"k":1,"filter":"id in ({{LongestList}})","tag":7}""", "the filter has 1025 conditions and values"),
            ($$"""{"op":"search","vector":[1,2],"k":1,"filter":{{DeepestOr}},"tag":7}""", "the filter is 33 levels deep; the maximum is 32"),
            ("""{"op":"search","vector":[1,2],"k":1,"where":"n = 1"}""", "unknown field 'where': conditions are in 'filter'"),
            ("""{"op":"search","vector":[1,2],"k":1,"tag":7,"filter_tag":7}""", "field 'filter_tag' is the older spelling of 'tag'"),
            ("""{"op":"search","vector":[1,2],"k":1,"request_id":"a"}""", "unknown field 'request_id'"),
            ("""{"op":"search","vector":[1,2],"k":1,"depth":1,"receipt":true}""", "a search with 'depth' has no receipt"),
            ("""{"op":"save","request_id":"a"}""", "unknown field 'request_id'; 'save' takes op"),
            ("""{"op":"save","path":"x"}""", "unknown field 'path'; 'save' takes op"),
            ("""{"op":"record_count","tag":7}""", "unknown field 'tag'; 'record_count' takes op, filter, as_of"),
            ("""{"op":"record_count","as_of":"20\u0000\u0000"}""", "as_of is '20\0\0'; it must be a sequence number"),
            ("""{"op":"prove_history","from":1,"to":1,"as_of":1}""", "unknown field 'as_of'"),
        })
        {
            Assert.StartsWith(error, (await AnswerAsync(engine, line)).GetProperty("error").GetString());
        }
        Assert.Equal(before, await engine.GetStateHashAsync());
    }

    [Fact]
    public async Task A_line_with_each_field_of_its_operation_is_taken()
    {
        await using ValoriEngine engine = await OpenAsync();
        foreach (string line in OperationSample.Content) await AnswerAsync(engine, line);
        await AnswerAsync(engine, """{"op":"create_collection","name":"other","dimension":2}""");
        string snapshot = (await AnswerAsync(engine, """{"op":"save"}""")).GetProperty("path").GetString()!;
        long now = (await engine.StatusAsync()).SequenceNr;
        foreach (Operation operation in OperationSample.InOrder)
        {
            string line = new OperationSample(operation, snapshot, now).Line;
            JsonElement answer = await AnswerAsync(engine, line);
            Assert.False(answer.TryGetProperty("error", out _), $"{line}: {answer}");
        }
    }

    [Fact]
    public async Task Collections_are_created_listed_and_compared_in_lines()
    {
        await using ValoriEngine engine = await OpenAsync();
        await AnswerAsync(engine, """{"op":"insert","vector":[1,2],"tag":7}""");
        JsonElement created = await AnswerAsync(engine, """{"op":"create_collection","name":"copy","dimension":2}""");
        Assert.Equal(("copy", 0), (created.GetProperty("name").GetString(), created.GetProperty("record_count").GetInt32()));
        Assert.Equal("""{"collections":["copy","default"]}""", (await AnswerAsync(engine, """{"op":"list_collections"}""")).GetRawText());
        JsonElement compared = await AnswerAsync(engine, """{"op":"compare","other":"copy"}""");
        Assert.Equal("""[{"kind":"record","id":0,"how":"only_in_this"}]""", compared.GetProperty("differences").GetRawText());
        Assert.Contains("'nope' does not exist", (await AnswerAsync(engine, """{"op":"compare","other":"nope"}""")).GetProperty("error").GetString());
        Assert.Contains("has dimension 2", (await AnswerAsync(engine, """{"op":"create_collection","name":"copy","dimension":3}""")).GetProperty("error").GetString());
        Assert.Equal("""{"collections":["copy","default"]}""", (await AnswerAsync(engine, """{"op":"list_collections"}""")).GetRawText());
    }

    [Fact]
    public async Task Records_nodes_and_edges_are_read_as_over_HTTP()
    {
        await using ValoriEngine engine = await OpenAsync();
        await AnswerAsync(engine, """{"op":"insert","vector":[1,2],"tag":7}""");
        await AnswerAsync(engine, """{"op":"set_metadata","record_id":0,"metadata":"aGVsbG8="}""");
        await AnswerAsync(engine, """{"op":"create_node","kind":2,"record_id":0}""");
        await AnswerAsync(engine, """{"op":"create_edge","from_id":0,"to_id":0,"kind":1}""");
        Assert.Equal("""{"id":0,"tag":7,"vector":[1,2],"metadata":"aGVsbG8="}""", (await AnswerAsync(engine, """{"op":"get_record","record_id":0}""")).GetRawText());
        Assert.Equal("""{"id":0,"tag":7,"vector":[1,2],"metadata":null}""", (await AnswerAsync(engine, """{"op":"get_record","record_id":0,"as_of":2}""")).GetRawText());
        Assert.Equal("""{"id":0,"kind":2,"record_id":0}""", (await AnswerAsync(engine, """{"op":"get_node","node_id":0}""")).GetRawText());
        Assert.Equal("""{"id":0,"from_id":0,"to_id":0,"kind":1}""", (await AnswerAsync(engine, """{"op":"get_edge","edge_id":0}""")).GetRawText());
        JsonElement edges = await AnswerAsync(engine, """{"op":"get_edges","node_id":0}""");
        Assert.Equal((1, 1), (edges.GetProperty("outgoing").GetArrayLength(), edges.GetProperty("incoming").GetArrayLength()));
        JsonElement hits = await AnswerAsync(engine, """{"op":"search","vector":[1,2],"k":1,"depth":0,"tag":7}""");
        Assert.Equal(0, hits.GetProperty("hits")[0].GetProperty("nodes")[0].GetInt32());
        Assert.Equal(5, (await AnswerAsync(engine, """{"op":"timeline"}""")).GetProperty("events").GetArrayLength());
        Assert.Equal("record 9 does not exist", (await AnswerAsync(engine, """{"op":"get_record","record_id":9}""")).GetProperty("error").GetString());
    }

    [Fact]
    public async Task The_exit_code_is_1_if_any_answer_is_an_error()
    {
        string[] arguments = ["exec", "--data", _directory.Path, "--dimension", "2"];
        Finished all = await ValoriVerb.RunWithInputAsync("{\"op\":\"nope\"}\n\n[]\n", arguments);
        Assert.Equal((1, 2, "valori: 2 of 2 lines were answered with an error, line 1 of the input first\n"), (all.ExitCode, all.Lines.Length, all.Error));
        Finished some = await ValoriVerb.RunWithInputAsync("{\"op\":\"status\"}\n\n{\"op\":\"nope\"}\n{\"op\":\"status\"}\n", arguments);
        Assert.Equal((1, 3, "valori: 1 of 3 lines were answered with an error, line 3 of the input first\n"), (some.ExitCode, some.Lines.Length, some.Error));
        Finished none = await ValoriVerb.RunWithInputAsync("{\"op\":\"status\"}\n", arguments);
        Assert.Equal((0, 1, ""), (none.ExitCode, none.Lines.Length, none.Error));
    }

    private Task<ValoriEngine> OpenAsync() => ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 });

    private static async Task<JsonElement> AnswerAsync(ValoriEngine engine, string line) =>
        JsonSerializer.Deserialize<JsonElement>(await OperationSample.AnswerAsync(engine.OwnedSystem!, engine, line));
}
