using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>Queries as of an earlier state: what was answered then is answered again, by sequence number, state hash and time.</summary>
public sealed class AsOfTests
{
    private const string Collection = "/v1/collections/past";

    // Each changes what at least one of the queries below is answered with.
    private static readonly (HttpMethod Method, string Path, string? Body)[] Commands =
    [
        (HttpMethod.Post, "/records/batch", """{"vectors":[[1,0],[0,1],[1,1]],"tags":[7,7,8]}"""),
        (HttpMethod.Put, "/records/0/metadata", """{"metadata":"Zmlyc3Q="}"""),
        (HttpMethod.Post, "/nodes", """{"kind":2}"""),
        (HttpMethod.Post, "/nodes", """{"kind":3,"record_id":0}"""),
        (HttpMethod.Post, "/edges", """{"from_id":0,"to_id":1,"kind":1}"""),
        (HttpMethod.Put, "/records/0/metadata", """{"metadata":"c2Vjb25k"}"""),
        (HttpMethod.Post, "/records", """{"vector":[0.75,0],"tag":7}"""),
        (HttpMethod.Delete, "/records/1", null),
        (HttpMethod.Post, "/edges", """{"from_id":1,"to_id":0,"kind":2}"""),
        (HttpMethod.Delete, "/edges/0", null),
        (HttpMethod.Delete, "/nodes/1", null),
        (HttpMethod.Delete, "/records/0", null),
    ];

    // Every kind of query, refusals included: an id that was not there yet is not there.
    private static readonly (string Path, string? Body)[] Queries =
    [
        ("", null), ("/state-hash", null), ("/count", null),
        ("/records/0", null), ("/records/1", null), ("/records/3", null), ("/records/0/metadata", null),
        ("/nodes/1", null), ("/nodes/0/edges", null), ("/nodes/0/expand?depth=2", null), ("/edges/0", null), ("/edges/1", null),
        ("/records/0/proof", null), ("/nodes/1/proof", null), ("/edges/0/proof", null),
        ("/search", """{"vector":[1,0],"k":3}"""),
        ("/search", """{"vector":[1,0],"k":3,"filter_tag":7,"receipt":true}"""),
        ("/search", """{"vector":[1,0],"k":3,"depth":2}"""),
        ("/search/batch", """{"vectors":[[1,0],[0,1]],"k":2}"""),
    ];

    [Fact]
    public async Task Every_query_is_answered_as_it_was_behind_each_event_by_sequence_number_state_hash_and_time()
    {
        await using Running running = await Running.StartAsync();
        List<State> states = await running.MakeHistoryAsync();
        await running.AssertReachesAsync(states, from: 0);
    }

    [Fact]
    public async Task After_a_restart_without_a_snapshot_all_of_it_is_in_reach()
    {
        await using Running running = await Running.StartAsync();
        List<State> states = await running.MakeHistoryAsync();
        await running.RestartAsync();
        await running.AssertReachesAsync(states, from: 0);
    }

    [Fact]
    public async Task After_a_restart_from_a_snapshot_what_is_earlier_is_gone_by_name_until_the_retention_asks_for_it()
    {
        const int saved = 6;
        await using Running running = await Running.StartAsync();
        List<State> states = await running.MakeHistoryAsync(saveBehind: saved);
        await running.AssertReachesAsync(states, from: 0);

        await running.RestartAsync();
        await running.AssertReachesAsync(states, from: saved);
        foreach (State state in states[..saved])
        {
            foreach (string asOf in state.Names)
            {
                foreach ((string path, string? body) in Queries)
                {
                    HttpAnswer gone = await running.AskAsync(path, body, asOf);
                    Assert.True((410, "out_of_reach") == ((int)gone.Status, gone.Json.GetProperty("title").GetString()), $"{path} as of {asOf}: {gone}");
                    Assert.Contains($"is out of reach: this collection reaches back to event {states[saved].Place.SequenceNr} of {states[saved].Place.Time}", gone.Detail);
                }
            }
        }

        await running.RestartAsync("valori.as-of-retention = 1h");
        await running.AssertReachesAsync(states, from: 0);
    }

    [Fact]
    public async Task A_state_that_came_again_is_the_newest_one_with_its_hash_and_an_event_that_changed_nothing_has_it_too()
    {
        await using Running running = await Running.StartAsync();
        ValoriService service = running.Service;
        await service.CreateCollectionAsync(name: "past");
        await service.DoneAsync(HttpMethod.Post, $"{Collection}/records", """{"vector":[1,0]}""");
        PlaceText[] places = [.. await InOrderAsync("YQ==", "Yg==", "YQ==", "Yw==")];
        Assert.Equal(places[0].StateHash, places[2].StateHash);
        Assert.Equal(places[2], PlaceText.Of(await service.DoneAsync(HttpMethod.Get, $"{Collection}?as_of={places[0].StateHash}")));
        Assert.Equal(places[0], PlaceText.Of(await service.DoneAsync(HttpMethod.Get, $"{Collection}?as_of={places[0].SequenceNr}")));

        JsonElement empty = await service.DoneAsync(HttpMethod.Post, $"{Collection}/records/batch", """{"vectors":[]}""");
        PlaceText unchanged = Receipts.Of(empty.GetRawText()).Place;
        Assert.Equal((places[3].StateHash, places[3].SequenceNr + 1), (unchanged.StateHash, unchanged.SequenceNr));
        Assert.Equal(unchanged, PlaceText.Of(await service.DoneAsync(HttpMethod.Get, $"{Collection}?as_of={unchanged.StateHash}")));

        async Task<List<PlaceText>> InOrderAsync(params string[] metadata)
        {
            List<PlaceText> found = [];
            foreach (string text in metadata)
            {
                JsonElement answer = await service.DoneAsync(HttpMethod.Put, $"{Collection}/records/0/metadata", $$"""{"metadata":"{{text}}"}""");
                found.Add(Receipts.Of(answer.GetRawText()).Place);
            }
            return found;
        }
    }

    [Fact]
    public async Task Behind_a_restore_the_states_before_it_are_out_of_reach_and_it_is_in_reach()
    {
        await using Running running = await Running.StartAsync();
        ValoriService service = running.Service;
        await service.CreateCollectionAsync(name: "past");
        PlaceText first = Receipts.Of((await service.DoneAsync(HttpMethod.Post, $"{Collection}/records", """{"vector":[1,0]}""")).GetRawText()).Place;
        string snapshot = (await service.DoneAsync(HttpMethod.Post, $"{Collection}/save")).GetProperty("path").GetString()!;
        await service.DoneAsync(HttpMethod.Post, $"{Collection}/records", """{"vector":[0,1]}""");
        HttpAnswer restored = await service.SendAsync(HttpMethod.Post, $"{Collection}/restore", ValoriService.Bytes(await File.ReadAllBytesAsync(snapshot)));
        PlaceText place = Receipts.Of(restored.Text).Place;
        Assert.Equal(first.StateHash, place.StateHash);
        Assert.Equal(place, PlaceText.Of(await service.DoneAsync(HttpMethod.Get, $"{Collection}?as_of={first.StateHash}")));
        HttpAnswer gone = await service.GetAsync($"{Collection}?as_of={first.SequenceNr}");
        Assert.Equal((410, "out_of_reach"), ((int)gone.Status, gone.Json.GetProperty("title").GetString()));
        Assert.Contains($"reaches back to event {place.SequenceNr} of {place.Time}", gone.Detail);
    }

    [Fact]
    public async Task A_time_is_read_with_and_without_an_offset_and_names_the_last_event_that_is_not_later()
    {
        await using Running running = await Running.StartAsync();
        PlaceText place = (await running.MakeHistoryAsync())[^1].Place;
        string utc = place.Time[..^1];
        foreach (string time in new[] { $"{utc}Z", utc, $"{utc}999Z", utc.Replace('T', ' '), $"{utc}+00:00", $"{utc}-00:00" })
            Assert.Equal(place, PlaceText.Of(await running.Service.DoneAsync(HttpMethod.Get, $"{Collection}?as_of={Uri.EscapeDataString(time)}")));
        // A plus sign that is not escaped is a space: no time, and not one without an offset either.
        HttpAnswer unescaped = await running.Service.GetAsync($"{Collection}?as_of={utc}+00:00");
        Assert.Equal((400, "invalid_argument"), ((int)unescaped.Status, unescaped.Json.GetProperty("title").GetString()));
    }

    /// <summary>A place in the history, and what every query was answered with when it was the newest.</summary>
    private sealed record State(PlaceText Place, IReadOnlyList<HttpAnswer> Answers)
    {
        public string[] Names => [$"{Place.SequenceNr}", Place.StateHash, Place.Time];
    }

    private sealed class Running(ValoriService service) : IAsyncDisposable
    {
        public ValoriService Service => service;

        public static async Task<Running> StartAsync() => new(await ValoriService.StartAsync(""));

        /// <summary>Carries the commands out; returns the states after the creation and after each command.</summary>
        public async Task<List<State>> MakeHistoryAsync(int? saveBehind = null)
        {
            await service.CreateCollectionAsync(name: "past");
            List<State> states = [await StateAsync()];
            foreach ((HttpMethod method, string path, string? body) in Commands)
            {
                PlaceText before = states[^1].Place;
                PlaceText place = Receipts.Of((await service.DoneAsync(method, Collection + path, body)).GetRawText()).Place;
                states.Add(await StateAsync());
                Assert.Equal((place, before.SequenceNr + 1), (states[^1].Place, place.SequenceNr));
                // A query between two commands takes longer than the microsecond that a time counts in.
                Assert.True(string.CompareOrdinal(before.Time, place.Time) < 0, $"{before} {place}");
                if (states.Count - 1 == saveBehind) await service.DoneAsync(HttpMethod.Post, $"{Collection}/save");
            }
            return states;
        }

        public async Task RestartAsync(string configuration = "")
        {
            await service.RestartAsync(() => File.WriteAllText(Path.Combine(service.DirectoryPath, "test.conf"), configuration));
            Assert.Equal(200, (int)(await service.ReadinessAsync()).Status);
        }

        public async Task AssertReachesAsync(List<State> states, int from)
        {
            foreach (State state in states[from..])
            {
                foreach (string asOf in state.Names)
                {
                    for (int i = 0; i < Queries.Length; i++)
                    {
                        HttpAnswer answer = await AskAsync(Queries[i].Path, Queries[i].Body, asOf);
                        Assert.True(state.Answers[i] == answer, $"{Queries[i]} as of {asOf}: expected {state.Answers[i]}, got {answer}");
                    }
                }
            }
        }

        public Task<HttpAnswer> AskAsync(string path, string? body, string? asOf = null)
        {
            if (body is null) return service.GetAsync($"{Collection}{path}{(asOf is null ? "" : $"{(path.Contains('?') ? '&' : '?')}as_of={asOf}")}");
            // A number as a number in every other body, as text in the others.
            string value = asOf?.Length < 10 && body.Contains("filter_tag", StringComparison.Ordinal) ? asOf : $"\"{asOf}\"";
            return service.SendAsync(HttpMethod.Post, Collection + path, asOf is null ? body : $$"""{{body[..^1]}},"as_of":{{value}}}""");
        }

        public async ValueTask DisposeAsync() => await service.DisposeAsync();

        private async Task<State> StateAsync()
        {
            List<HttpAnswer> answers = [];
            foreach ((string path, string? body) in Queries) answers.Add(await AskAsync(path, body));
            return new State(PlaceText.Of(answers[0].Json), answers);
        }
    }
}
