using Akka;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Query;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Config;
using Akka.Persistence.Sql.Db;
using Akka.Streams.Dsl;
using Akka.Util;
using Valori.Actors.Entries;
using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Journal;

/// <summary>
/// Reads a journal of <see cref="SqlJournal"/> beside its engines: which there are, and what happened to one. Takes only rows that are
/// Valori's (<see cref="JournalRows"/>). Thread-safe.
/// </summary>
internal sealed class SqlReadJournal : ICurrentPersistenceIdsQuery, ICurrentEventsByPersistenceIdQuery
{
    private readonly JournalRows _rows;
    private readonly long _pageBytes;

    internal SqlReadJournal(ExtendedActorSystem system, Config config)
    {
        // Its table is made by the write journal, when that starts.
        Persistence.Instance.Apply(system).JournalFor(config.GetString("write-plugin"));
        _rows = new JournalRows(new AkkaPersistenceDataConnectionFactory(new ReadJournalConfig(config)));
        _pageBytes = config.GetLong("page-bytes");
    }

    /// <summary>The persistence ids that the table holds at the moment of the query, those that are not Valori's included.</summary>
    public Source<string, NotUsed> CurrentPersistenceIds() =>
        Source.FromTask(_rows.ReadPersistenceIdsAsync(CancellationToken.None)).SelectMany(ids => ids);

    /// <summary>The events that one engine has at the moment of the query, in order, as <c>JournalRecord</c>.</summary>
    public Source<EventEnvelope, NotUsed> CurrentEventsByPersistenceId(string persistenceId, long fromSequenceNr, long toSequenceNr) => Source
        .UnfoldAsync(new Rest(fromSequenceNr, null), rest => NextAsync(persistenceId, rest, toSequenceNr))
        .SelectMany(page => page.Select(Envelope));

    private async Task<Option<(Rest, IReadOnlyList<Row>)>> NextAsync(string persistenceId, Rest rest, long to)
    {
        long last = rest.Last ?? Math.Min(to, await _rows.ReadHighestAsync(persistenceId, CancellationToken.None).ConfigureAwait(false));
        IReadOnlyList<Row> page = await _rows.ReadPageAsync(persistenceId, rest.From, last, _pageBytes, CancellationToken.None).ConfigureAwait(false);
        return page.Count == 0 ? Option<(Rest, IReadOnlyList<Row>)>.None : (new Rest(page[^1].SequenceNumber + 1, last), page);
    }

    private static EventEnvelope Envelope(Row row) =>
        new(new Sequence(row.Ordering), row.PersistenceId, row.SequenceNumber, new JournalRecord(row.Message), row.Timestamp, []);

    /// <param name="Last">The last event that there was at the first page; null before that.</param>
    private sealed record Rest(long From, long? Last);
}

/// <summary>Creates <see cref="SqlReadJournal"/> for <c>valori.read-journal</c>. Called by Akka.NET.</summary>
internal sealed class SqlReadJournalProvider(ExtendedActorSystem system, Config config) : IReadJournalProvider
{
    /// <inheritdoc/>
    public IReadJournal GetReadJournal() => new SqlReadJournal(system, config.WithFallback(SqlPersistence.DefaultQueryConfiguration));
}
