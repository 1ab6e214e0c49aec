using Akka.Persistence;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using Valori.Actors.Entries;
using Valori.Actors.Journal;
using Valori.Actors.Tests.Backends;

namespace Valori.Actors.Tests.Plugins;

/// <summary>
/// What Akka.Persistence.Query asks of a read journal: the cases of its test kit for plugins (Akka.Persistence.TCK) for the two queries that
/// Valori's has. A page has one row, so that a query that is not finished has not read what comes next.
/// </summary>
public abstract class ReadJournalPluginTests(Backend backend) : JournalPluginKit(backend, "valori.read-journal.page-bytes = 1")
{
    private SqlReadJournal ReadJournal => PersistenceQuery.Get(Sys).ReadJournalFor<SqlReadJournal>("valori.read-journal");

    [SkippableTheory]
    [InlineData(0, long.MaxValue, "1 2 3 4 5")]
    [InlineData(0, 2, "1 2")]
    [InlineData(2, 4, "2 3 4")]
    [InlineData(0, 0, "")]
    [InlineData(4, 3, "")]
    [InlineData(6, long.MaxValue, "")]
    public async Task The_events_of_an_engine_are_found_in_their_bounds(long from, long to, string expected) => Assert.Equal(expected, await EventsAsync(from, to));

    [SkippableFact]
    public async Task An_event_comes_as_it_was_written()
    {
        EventEnvelope found = Assert.Single(await ReadJournal.CurrentEventsByPersistenceId(Id, 4, 4).RunWith(Sink.Seq<EventEnvelope>(), Sys.Materializer()));
        Assert.Equal((Id, 4L), (found.PersistenceId, found.SequenceNr));
        Assert.Equal(Record(Id, 4).Payload, Assert.IsType<JournalRecord>(found.Event).Payload);
    }

    [SkippableFact]
    public async Task An_engine_without_events_has_none()
    {
        Assert.Equal("", await EventsAsync(0, long.MaxValue, "valori-other"));
        Assert.Equal("", await EventsAsync(0, 0, "valori-other"));
    }

    [SkippableFact]
    public async Task What_was_deleted_is_not_found()
    {
        Delete(2);
        Assert.Equal("3 4 5", await EventsAsync(0, long.MaxValue));
        Delete(long.MaxValue);
        Assert.Equal("", await EventsAsync(0, long.MaxValue));
        Assert.Equal("", await EventsAsync(0, 0));
    }

    [SkippableFact]
    public async Task What_is_written_during_a_query_is_not_seen_by_it()
    {
        ISinkQueue<EventEnvelope> queue = ReadJournal.CurrentEventsByPersistenceId(Id, 0, long.MaxValue)
            .RunWith(Sink.Queue<EventEnvelope>().WithAttributes(Attributes.CreateInputBuffer(1, 1)), Sys.Materializer());
        List<long> seen = [(await queue.PullAsync()).Value.SequenceNr];
        Assert.All(Write(Entries(6), Entries(7)), answer => Assert.IsType<WriteMessageSuccess>(answer));
        while (await queue.PullAsync() is { HasValue: true } next) seen.Add(next.Value.SequenceNr);
        Assert.Equal([1, 2, 3, 4, 5], seen);
        Assert.Equal("1 2 3 4 5 6 7", await EventsAsync(0, long.MaxValue));
    }

    [SkippableFact]
    public async Task All_persistence_ids_are_found_and_one_whose_events_were_deleted_stays()
    {
        Assert.Equal([Id], await IdsAsync());
        Assert.All(Write(Entries("valori-other", 1)), answer => Assert.IsType<WriteMessageSuccess>(answer));
        Assert.Equal(["valori-other", Id], await IdsAsync());
        Delete(long.MaxValue);
        Assert.Equal(["valori-other", Id], await IdsAsync());
    }

    private async Task<string> EventsAsync(long from, long to, string id = Id) =>
        string.Join(' ', (await ReadJournal.CurrentEventsByPersistenceId(id, from, to).RunWith(Sink.Seq<EventEnvelope>(), Sys.Materializer())).Select(found => found.SequenceNr));

    private async Task<IEnumerable<string>> IdsAsync() => (await ReadJournal.CurrentPersistenceIds().RunWith(Sink.Seq<string>(), Sys.Materializer())).Order(StringComparer.Ordinal);
}

public sealed class ReadJournalPluginOnSqliteTests() : ReadJournalPluginTests(new SqliteBackend());

public sealed class ReadJournalPluginOnPostgreSqlTests() : ReadJournalPluginTests(new PostgreSqlBackend());
