using System.Text.Json;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>What happened, in order, a page at a time.</summary>
public sealed class TimelineTests(ValoriService service) : IClassFixture<ValoriService>
{
    [Fact]
    public async Task Each_event_is_told_with_its_receipt_its_ids_and_its_request()
    {
        string path = await service.CreateCollectionAsync();
        List<PlaceText> receipts = [PlaceText.Of(await service.DoneAsync(HttpMethod.Get, path))];
        foreach ((HttpMethod method, string command, string? body, string? key) in new[]
        {
            (HttpMethod.Post, "/records/batch", """{"vectors":[[1,2],[3,4]]}""", "a-key"),
            (HttpMethod.Put, "/records/1/metadata", """{"metadata":"AAAA"}""", null),
            (HttpMethod.Delete, "/records/0", null, null),
            (HttpMethod.Post, "/nodes", """{"kind":2}""", null),
            (HttpMethod.Post, "/edges", """{"from_id":0,"to_id":0,"kind":1}""", null),
            (HttpMethod.Delete, "/edges/0", null, null),
            (HttpMethod.Delete, "/nodes/0", null, (string?)null),
        })
        {
            receipts.Add(Receipts.Of((await service.SendAsync(method, path + command, body, key)).Text).Place);
        }
        string snapshot = (await service.DoneAsync(HttpMethod.Post, $"{path}/save")).GetProperty("path").GetString()!;
        PlaceText restored = Receipts.Of(
            (await service.SendAsync(HttpMethod.Post, $"{path}/restore", ValoriService.Bytes(await File.ReadAllBytesAsync(snapshot)))).Text).Place;

        JsonElement timeline = await service.DoneAsync(HttpMethod.Get, $"{path}/timeline");
        JsonElement[] events = [.. timeline.GetProperty("events").EnumerateArray()];
        foreach (PlaceText receipt in receipts.Append(restored)) AssertSame(receipt, events[receipt.SequenceNr - 1]);
        Assert.Equal(restored.SequenceNr, timeline.GetProperty("last_sequence_nr").GetInt64());
        Assert.Equal(
            [
                """[{"kind":"engine_created","first_id":null,"count":0,"request_id":null}]""",
                """[{"kind":"records_inserted","first_id":0,"count":2,"request_id":"a-key"}]""",
                """[{"kind":"metadata_set","first_id":1,"count":1,"request_id":null}]""",
                """[{"kind":"record_deleted","first_id":0,"count":1,"request_id":null}]""",
                """[{"kind":"node_created","first_id":0,"count":1,"request_id":null}]""",
                """[{"kind":"edge_created","first_id":0,"count":1,"request_id":null}]""",
                """[{"kind":"edge_deleted","first_id":0,"count":1,"request_id":null}]""",
                """[{"kind":"node_deleted","first_id":0,"count":1,"request_id":null}]""",
                """[{"kind":"requests_kept","first_id":null,"count":0,"request_id":null}]""",
                """[{"kind":"snapshot_chunk","first_id":null,"count":0,"request_id":null}]""",
                """[{"kind":"restored","first_id":null,"count":0,"request_id":null}]""",
            ],
            events.Select(entry => entry.GetProperty("changes").GetRawText()));
    }

    [Fact]
    public async Task Pages_of_any_size_give_the_same_events_and_the_last_one_ends_with_the_history()
    {
        const int records = 24;
        string path = await service.CreateCollectionAsync();
        for (int i = 0; i < records; i++) await service.DoneAsync(HttpMethod.Post, $"{path}/records", $$"""{"vector":[{{i}},0]}""");
        string[] all = await PageAsync("");
        Assert.Equal(records + 1, all.Length);
        Assert.Equal(all, await PageAsync("?from=1&count=1000"));
        Assert.Equal(all[20..], await PageAsync("?from=21"));
        Assert.Equal(all[..10], await PageAsync("?count=10"));
        Assert.Equal(all[^1..], await PageAsync($"?from={all.Length}"));
        foreach (int count in new[] { 1, 7, all.Length })
        {
            List<string> pages = [];
            while (pages.Count < all.Length) pages.AddRange(await PageAsync($"?from={pages.Count + 1}&count={count}"));
            Assert.Equal(all, pages);
        }

        async Task<string[]> PageAsync(string query)
        {
            JsonElement page = await service.DoneAsync(HttpMethod.Get, $"{path}/timeline{query}");
            Assert.Equal(records + 1, page.GetProperty("last_sequence_nr").GetInt32());
            return [.. page.GetProperty("events").EnumerateArray().Select(entry => entry.GetRawText())];
        }
    }

    [Fact]
    public async Task Without_a_count_a_page_has_100_events_and_with_one_up_to_1000()
    {
        string path = await service.CreateCollectionAsync();
        for (int i = 0; i < 120; i++) await service.DoneAsync(HttpMethod.Post, $"{path}/nodes", """{"kind":1}""");
        Assert.Equal(100, (await service.DoneAsync(HttpMethod.Get, $"{path}/timeline")).GetProperty("events").GetArrayLength());
        Assert.Equal(121, (await service.DoneAsync(HttpMethod.Get, $"{path}/timeline?count=1000")).GetProperty("events").GetArrayLength());
    }

    [Fact]
    public async Task Behind_a_restart_from_a_snapshot_the_timeline_still_begins_with_the_creation()
    {
        ValoriService own = await ValoriService.StartAsync();
        try
        {
            string path = await own.CreateCollectionAsync();
            for (int i = 0; i < 5; i++) await own.DoneAsync(HttpMethod.Post, $"{path}/records", $$"""{"vector":[{{i}},0]}""");
            await own.DoneAsync(HttpMethod.Post, $"{path}/save");
            await own.DoneAsync(HttpMethod.Delete, $"{path}/records/0");
            string before = (await own.GetAsync($"{path}/timeline")).Text;
            await own.RestartAsync(() => { });
            await own.ReadinessAsync();
            Assert.Equal(410, (int)(await own.GetAsync($"{path}?as_of=1")).Status);
            Assert.Equal(before, (await own.GetAsync($"{path}/timeline")).Text);
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("time", 1)]
    [InlineData("state hash", 20)]
    [InlineData("chain", 50)]
    public async Task An_event_behind_the_snapshot_that_is_not_what_was_written_is_not_told(string what, int position)
    {
        ValoriService own = await ValoriService.StartAsync();
        try
        {
            string path = await own.CreateCollectionAsync(name: "notes");
            for (int i = 0; i < 5; i++) await own.DoneAsync(HttpMethod.Post, $"{path}/records", $$"""{"vector":[{{i}},0]}""");
            await own.DoneAsync(HttpMethod.Post, $"{path}/save");
            await own.RestartAsync(() => JournalRows.FlipBit(own.DirectoryPath, "valori-notes", sequenceNr: 3, position));
            Assert.Equal(200, (int)(await own.ReadinessAsync()).Status); // the snapshot proves its state without that row
            foreach (string query in new[] { "timeline", "timeline?from=2&count=2", "history/proof?from=2&to=6" })
            {
                HttpAnswer refused = await own.GetAsync($"{path}/{query}");
                Assert.True((503, "stopped") == ((int)refused.Status, refused.Json.GetProperty("title").GetString()), $"{what}, {query}: {refused}");
                Assert.Contains("the journal is not what was written: journal of valori-notes at 3", refused.Detail);
            }
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_the_journal_dropped_is_out_of_reach_and_what_it_kept_is_told_and_proven()
    {
        ValoriService own = await ValoriService.StartAsync("valori.journal-retention = snapshots");
        try
        {
            string path = await own.CreateCollectionAsync();
            List<PlaceText> places = [PlaceText.Of(await own.DoneAsync(HttpMethod.Get, path))];
            for (int i = 1; i <= 9; i++)
            {
                places.Add(Receipts.Of((await own.DoneAsync(HttpMethod.Post, $"{path}/records", $$"""{"vector":[{{i}},0]}""")).GetRawText()).Place);
                if (places.Count is 4 or 7) await own.DoneAsync(HttpMethod.Post, $"{path}/save");
            }
            // Behind a restart all is dropped that is to be: what the older snapshot, of event 4, covers.
            await own.RestartAsync(() => { });
            await own.ReadinessAsync();
            const string dropped = "dropped from the journal (valori.journal-retention)";
            foreach (string query in new[] { "timeline", "timeline?count=2", "timeline?from=4", "history/proof?from=2&to=10", "history/proof?from=7&to=10" })
            {
                HttpAnswer gone = await own.GetAsync($"{path}/{query}");
                Assert.True((410, "out_of_reach") == ((int)gone.Status, gone.Json.GetProperty("title").GetString()), $"{query}: {gone}");
                Assert.Contains(dropped, gone.Detail);
            }
            JsonElement[] kept = [.. (await own.DoneAsync(HttpMethod.Get, $"{path}/timeline?from=5")).GetProperty("events").EnumerateArray()];
            Assert.Equal(6, kept.Length);
            for (int i = 0; i < kept.Length; i++) AssertSame(places[i + 4], kept[i]);
            JsonElement proof = await own.DoneAsync(HttpMethod.Get, $"{path}/history/proof?from=8&to=10");
            Receipts.AssertExtends(new ReceiptText(places[7], 0, 0), await own.DoneAsync(HttpMethod.Get, path), proof, "8 to 10");
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    private static void AssertSame(PlaceText receipt, JsonElement entry) => Assert.Equal(
        (receipt.SequenceNr, receipt.Time, receipt.StateHash, receipt.Chain),
        (entry.GetProperty("sequence_nr").GetInt64(), entry.GetProperty("time").GetString(), entry.GetProperty("state_hash").GetString(), entry.GetProperty("chain").GetString()));
}
