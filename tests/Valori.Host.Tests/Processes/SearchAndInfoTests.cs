using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>valori search</c> and <c>valori info</c> on a directory that <c>import</c> filled.</summary>
public sealed class SearchAndInfoTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Seed = 4711, Records = 200, Dimension = 6;
    private readonly TemporaryDirectory _directory = new();
    private readonly TestVectors _vectors = TestVectors.Random(Seed, Records, Dimension), _queries = TestVectors.Random(Seed + 1, 5, Dimension);
    private string _stateHash = "", _queryFile = "";

    private string Data => _directory.File("data");

    public async Task InitializeAsync()
    {
        output.WriteLine($"seed {Seed}");
        _queryFile = _queries.WriteFvecs(_directory.File("q.fvecs"));
        Finished imported = await ValoriVerb.RunAsync("import", "--data", Data, _vectors.WriteJsonLines(_directory.File("v.jsonl"), i => (ulong)(i % 3)));
        Assert.True(imported.ExitCode == 0, imported.ToString());
        _stateHash = imported.Lines[^1]["state hash ".Length..];
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Search_prints_the_true_nearest_of_each_query_and_all_records_where_k_is_larger()
    {
        Finished found = await SearchAsync("--k", "1000");
        Assert.True(found.ExitCode == 0, found.ToString());
        Assert.Equal(_queries.Rows.Length, found.Lines.Length);
        for (int query = 0; query < found.Lines.Length; query++)
        {
            JsonElement line = JsonSerializer.Deserialize<JsonElement>(found.Lines[query]);
            Assert.Equal(query, line.GetProperty("query").GetInt32());
            Assert.Equal(Nearest(query, _ => true), Ids(line));
        }
        Finished tagged = await SearchAsync("--k", "3", "--tag", "2");
        Assert.Equal(Nearest(0, id => id % 3 == 2).Take(3), Ids(JsonSerializer.Deserialize<JsonElement>(tagged.Lines[0])));
    }

    [Fact]
    public async Task Search_prints_the_parts_of_records_that_are_asked_for_and_what_answered()
    {
        Finished found = await SearchAsync("--k", "1", "--with", "tag", "--with", "vector", "--mode", "approximate", "--beam", "10");
        Assert.True(found.ExitCode == 0, found.ToString());
        JsonElement line = JsonSerializer.Deserialize<JsonElement>(found.Lines[0]);
        int nearest = Nearest(0, _ => true).First();
        JsonElement hit = Assert.Single(line.GetProperty("hits").EnumerateArray());
        Assert.Equal(["id", "score", "distance", "tag", "vector"], hit.EnumerateObject().Select(property => property.Name));
        Assert.Equal((nearest, nearest % 3), (hit.GetProperty("id").GetInt32(), hit.GetProperty("tag").GetInt32()));
        Assert.Equal(Dimension, hit.GetProperty("vector").GetArrayLength());
        // There are too few records for a graph.
        Assert.Contains("10000", line.GetProperty("answered").GetProperty("exact_because").GetString()!.Replace(",", ""));
        Assert.False(JsonSerializer.Deserialize<JsonElement>((await SearchAsync("--k", "1")).Lines[0]).TryGetProperty("answered", out _));
    }

    [Fact]
    public async Task Search_with_ground_truth_prints_recall_1_and_latencies()
    {
        string truth = _vectors.WriteNearest(_directory.File("t.ivecs"), _queries, k: 20);
        Finished found = await SearchAsync("--k", "20", "--truth", truth);
        Assert.True(found.ExitCode == 0, found.ToString());
        Assert.Equal("recall@20 1.000000 (100 of 100)", found.Lines[0]);
        Assert.Matches("^latency of 5 queries: p50 [0-9.]+ ms, p90 [0-9.]+ ms, p99 [0-9.]+ ms, max [0-9.]+ ms$", found.Lines[1]);

        Finished tooFew = await SearchAsync("--k", "21", "--truth", truth);
        Assert.Equal((1, $"valori: {truth}: row 0 has 20 ids, fewer than --k 21: use a smaller --k, or a longer ground truth\n"), (tooFew.ExitCode, tooFew.Error));

        Finished floats = await SearchAsync("--k", "1", "--truth", _directory.File("t.fvecs"));
        Assert.Equal((1, ""), (floats.ExitCode, floats.Output));
        Assert.Contains("unknown extension '.fvecs'; a ground truth is an .ivecs file", floats.Error);
    }

    [Fact]
    public async Task Search_with_wrong_ground_truth_prints_a_recall_below_1()
    {
        string truth = new TestVectors(Dimension, [.. _vectors.Rows.Reverse()]).WriteNearest(_directory.File("wrong.ivecs"), _queries, k: 5);
        Finished found = await SearchAsync("--k", "5", "--truth", truth);
        Assert.Equal(0, found.ExitCode);
        Assert.Matches("^recall@5 0\\.", found.Lines[0]);
    }

    [Fact]
    public async Task Info_shows_counts_and_the_state_hash_as_text_and_as_json()
    {
        Finished executed = await ValoriVerb.RunWithInputAsync("""
            {"op":"soft_delete","record_id":1}
            {"op":"create_node","kind":1,"record_id":0}
            {"op":"get_state_hash"}
            {"op":"save"}

            """, "exec", "--data", Data);
        Assert.True(executed.ExitCode == 0, executed.ToString());
        string hash = JsonSerializer.Deserialize<JsonElement>(executed.Lines[2]).GetProperty("state_hash").GetString()!;
        Assert.NotEqual(_stateHash, hash);

        Finished text = await ValoriVerb.RunAsync("info", "--data", Data);
        Assert.Equal((0, ""), (text.ExitCode, text.Error));
        Assert.Equal("collection       default", text.Lines[0]);
        Assert.Equal("dimension        6", text.Lines[1]);
        Assert.Equal("metric           l2", text.Lines[2]);
        Assert.Equal("scale            1", text.Lines[3]);
        Assert.Equal("records          199 (1 deleted)", text.Lines[4]);
        Assert.Equal("nodes            1", text.Lines[5]);
        Assert.Equal("edges            0", text.Lines[6]);
        Assert.Equal($"state hash       {hash}", text.Lines[7]);
        Assert.Equal("sequence number  4", text.Lines[9]);
        Assert.EndsWith("in 1 file (all collections)", text.Lines[12]);

        Finished json = await ValoriVerb.RunAsync("info", "--data", Data, "--json");
        JsonElement info = JsonSerializer.Deserialize<JsonElement>(Assert.Single(json.Lines));
        Assert.Equal(
            "name dimension metric scale record_count node_count edge_count record_slots node_slots edge_slots state_hash chain history_root sequence_nr time journal_bytes snapshot_bytes snapshots",
            string.Join(' ', info.EnumerateObject().Select(property => property.Name)));
        Assert.Equal((199, 200, 1), (info.GetProperty("record_count").GetInt32(), info.GetProperty("record_slots").GetInt32(), info.GetProperty("node_count").GetInt32()));
        Assert.Equal(hash, info.GetProperty("state_hash").GetString());
        Assert.True(info.GetProperty("journal_bytes").GetInt64() > 0);
        Assert.True(File.Exists(Assert.Single(info.GetProperty("snapshots").EnumerateArray()).GetString()));
    }

    [Theory]
    [InlineData("info")]
    [InlineData("log")]
    public async Task A_collection_that_is_not_there_is_refused_with_those_that_are(string verb)
    {
        Finished finished = await ValoriVerb.RunAsync(verb, "--data", Data, "--collection", "notes");
        Assert.Equal((1, $"valori: {Data} has no collection 'notes': its collections are default\n"), (finished.ExitCode, finished.Error));
    }

    [Fact]
    public async Task A_tag_beside_a_filter_at_its_limit_is_refused_in_one_line()
    {
        Finished finished = await SearchAsync("--tag", "7", "--filter", $"id in ({string.Join(',', Enumerable.Range(0, 1_024))})");
        Assert.Equal((1, "valori: the filter has 1025 conditions and values; the maximum is 1024\n"), (finished.ExitCode, finished.Error));
    }

    private Task<Finished> SearchAsync(params string[] more) => ValoriVerb.RunAsync(["search", "--data", Data, "--queries", _queryFile, .. more]);

    private IEnumerable<int> Nearest(int query, Func<int, bool> isWanted) => Enumerable.Range(0, Records).Where(isWanted)
        .OrderBy(id => _queries.Rows[query].Zip(_vectors.Rows[id], (a, b) => ((double)a - b) * ((double)a - b)).Sum()).ThenBy(id => id);

    private static IEnumerable<int> Ids(JsonElement line) => line.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("id").GetInt32());
}
