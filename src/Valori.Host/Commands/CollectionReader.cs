using Valori.Actors.Audit;
using Valori.Actors.Sqlite;

namespace Valori.Host.Commands;

/// <summary>
/// What verbs that only read need of a collection: from an engine, or from the journal itself, in a directory where nothing can be
/// written and in a database, which a service may have.
/// </summary>
internal sealed class CollectionReader : IAsyncDisposable
{
    private readonly ValoriEngine? _engine;
    private readonly ReadOnlyCollection? _collection;

    private CollectionReader(ValoriEngine? engine, ReadOnlyCollection? collection)
    {
        _engine = engine;
        _collection = collection;
    }

    private ReadOnlyCollection Collection => _collection ?? throw new InvalidOperationException("there is neither an engine nor a collection");

    public EngineSchema Schema => _engine?.Schema ?? Collection.Status.Schema;

    public static async Task<CollectionReader> OpenAsync(AuditedStore store, string collection, CancellationToken cancellationToken) =>
        store.Database is not null || DataDirectory.IsReadOnly(store.Directory!)
            ? new CollectionReader(null, await Task.Run(() => store.OpenReadOnly(collection, cancellationToken), cancellationToken))
            : new CollectionReader(await store.OpenEngineAsync(collection, WantedSchema.Any, cancellationToken), null);

    public async Task<EngineStatus> StatusAsync(CancellationToken cancellationToken) =>
        _engine is not null ? await _engine.StatusAsync(cancellationToken: cancellationToken) : Collection.Status;

    public SearchQuery QueryOf(ReadOnlyMemory<float> vector, int k) => _engine is not null ? _engine.QueryOf(vector, k) : Collection.QueryOf(vector, k);

    /// <summary>Until the proximity graph is there, if there is an engine that may have one.</summary>
    public async Task WaitForIndexAsync(CancellationToken cancellationToken)
    {
        if (_engine is not null) await _engine.WaitForIndexAsync(cancellationToken: cancellationToken);
    }

    /// <summary>With what answered, if the mode of the query is not exact.</summary>
    public async Task<SearchHits> SearchAsync(SearchQuery query, CancellationToken cancellationToken) => _engine is not null
        ? await _engine.SearchHitsAsync(query, asOf: null, cancellationToken)
        : new SearchHits(Collection.Search(query), null, null)
        {
            Answered = query.Mode.Kind == SearchModeKind.Exact ? null : SearchAnswered.Exactly("a collection that is only read has no proximity graph"),
        };

    public async Task<Timeline> TimelineAsync(long from, int count, CancellationToken cancellationToken) =>
        _engine is not null ? await _engine.TimelineAsync(from, count, cancellationToken) : Collection.ReadTimeline(from, count);

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null) await _engine.DisposeAsync();
        _collection?.Dispose();
    }
}
