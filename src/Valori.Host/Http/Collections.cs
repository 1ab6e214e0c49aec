using System.Collections.Concurrent;
using Akka.Actor;
using Valori.Actors.Rows;
using Valori.Host.Operations;

namespace Valori.Host.Http;

/// <summary>
/// The engines that this service has opened, by name. At start every collection of the journal is opened, so that the
/// service is ready when all of them have proven their state.
/// </summary>
internal sealed class Collections(ActorSystem system, IHostApplicationLifetime lifetime, ILogger<Collections> log) : BackgroundService, ICollections
{
    private const string BeingOpened = "collections are being opened";
    private static readonly TimeSpan ListRetryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HealthPatience = TimeSpan.FromSeconds(10), BehindPatience = TimeSpan.FromSeconds(2), BehindInterval = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, ValoriEngine> _engines = new(StringComparer.Ordinal);
    // What a start said of the collections that it could not open.
    private readonly ConcurrentDictionary<string, string> _failures = new(StringComparer.Ordinal);
    private volatile string? _opening;
    private volatile string? _beforeAllAreOpen = BeingOpened;

    /// <summary>What the last proof of everything on disk came to; null before the first one has ended.</summary>
    public ScrubReport? LastScrub => ValoriExtension.Get(system).LastScrub;

    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        ValoriExtension.Get(system).ListAsync(cancellationToken);

    public Task<ValoriEngine> GetAsync(string name, CancellationToken cancellationToken) =>
        _engines.TryGetValue(name, out ValoriEngine? engine) && !engine.IsGone ? Task.FromResult(engine) : OpenAsync(name, null, create: false, wait: false, cancellationToken);

    public Task<ValoriEngine> CreateAsync(string name, WantedSchema schema, CancellationToken cancellationToken) =>
        OpenAsync(name, schema, create: true, wait: false, cancellationToken);

    public async Task DropAsync(string name, CancellationToken cancellationToken)
    {
        await ValoriExtension.Get(system).DropAsync(name, cancellationToken);
        _failures.TryRemove(name, out _);
        if (_engines.TryGetValue(name, out ValoriEngine? engine) && engine.IsGone) _engines.TryRemove(KeyValuePair.Create(name, engine));
    }

    private async Task<ValoriEngine> OpenAsync(string name, WantedSchema? schema, bool create, bool wait, CancellationToken cancellationToken)
    {
        ValoriEngine engine = await ValoriExtension.Get(system).OpenAsync(name, schema, create, wait, cancellationToken);
        // Another process may have dropped the one that was open.
        return _engines.AddOrUpdate(name, engine, (_, open) => open.IsGone ? engine : open);
    }

    /// <summary>
    /// Why the service is not ready, or null when every collection has proven its state and answers, and the journal is the one that
    /// they come from and can be written. Takes ten seconds at most.
    /// </summary>
    public async Task<string?> NotReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await FindNotReadyAsync(cancellationToken).WaitAsync(HealthPatience, cancellationToken);
        }
        catch (TimeoutException)
        {
            return $"the collections did not answer within {HealthPatience.TotalSeconds} s";
        }
    }

    private async Task<string?> FindNotReadyAsync(CancellationToken cancellationToken)
    {
        if (_opening is { } opening && await ProgressAsync(opening, cancellationToken) is { } progress) return progress;
        if (NotAllAreOpen() is { } reason) return reason;
        try
        {
            IReadOnlyList<EngineStatus> places = await PlacesAsync(cancellationToken);
            if (ValoriExtension.Get(system).JournalWatch is not { } watch) return null;
            JournalLook look = await watch.LookAsync(places);
            if (look.Fault is not null)
            {
                // Meanwhile the collections may have gone on so far that the events were dropped: then they are elsewhere now.
                places = await PlacesAsync(cancellationToken);
                look = await watch.LookAsync(places);
            }
            return look.Fault ?? await FindBehindAsync(places, look.Last, cancellationToken);
        }
        catch (EngineException e)
        {
            return e.Message;
        }
    }

    /// <summary>What a start has not done yet, or could not do; null if all collections are open.</summary>
    private string? NotAllAreOpen()
    {
        string failures = string.Join("; ", _failures.OrderBy(failure => failure.Key, StringComparer.Ordinal).Select(failure => failure.Value));
        return _beforeAllAreOpen is not { } opening ? failures.Length == 0 ? null : failures
            : failures.Length == 0 ? opening
            : $"{opening}; failed: {failures}";
    }

    /// <exception cref="EngineException">One does not answer; the message begins with its name.</exception>
    private async Task<IReadOnlyList<EngineStatus>> PlacesAsync(CancellationToken cancellationToken)
    {
        List<EngineStatus> places = [];
        foreach ((string name, ValoriEngine engine) in _engines.OrderBy(open => open.Key, StringComparer.Ordinal))
        {
            if (await PlaceAsync(name, engine, cancellationToken) is { } place) places.Add(place);
        }
        return places;
    }

    /// <summary>Null if the collection was dropped.</summary>
    private static async Task<EngineStatus?> PlaceAsync(string name, ValoriEngine engine, CancellationToken cancellationToken)
    {
        if (engine.IsGone) return null;
        try
        {
            return await engine.StatusAsync(cancellationToken: cancellationToken);
        }
        catch (EngineException) when (engine.IsGone)
        {
            return null;
        }
        catch (EngineException e)
        {
            throw new EngineException(e.Kind, $"{name}: {e.Message}", e);
        }
    }

    /// <summary>
    /// A journal that is ahead of its collection: an event is in it before it is acknowledged, but not for long. One that stays ahead
    /// has another writer, and the collection's answers are old.
    /// </summary>
    /// <exception cref="EngineException">One does not answer; the message begins with its name.</exception>
    private async Task<string?> FindBehindAsync(IReadOnlyList<EngineStatus> places, IReadOnlyDictionary<string, long> last, CancellationToken cancellationToken)
    {
        foreach (EngineStatus place in places)
        {
            if (!last.TryGetValue(place.Name, out long inJournal)) continue;
            long reached = place.SequenceNr;
            for (long end = Environment.TickCount64 + (long)BehindPatience.TotalMilliseconds; reached < inJournal; await Task.Delay(BehindInterval, cancellationToken))
            {
                if (Environment.TickCount64 > end)
                    return $"{place.Name}: the journal has events up to {inJournal}, but this process has only those up to {reached}: "
                        + "another process writes there. Stop one of them, and restart this one";
                if (!_engines.TryGetValue(place.Name, out ValoriEngine? engine) || await PlaceAsync(place.Name, engine, cancellationToken) is not { } now) break;
                reached = now.SequenceNr;
            }
        }
        return null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Not before the service listens: if it cannot, no journal is touched and nothing has to be stopped again.
            await StartedAsync(stoppingToken);
            foreach (string name in await ListAtStartAsync(stoppingToken)) await OpenAtStartAsync(name, stoppingToken);
            _beforeAllAreOpen = null;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before all were open: nothing is wrong.
        }
        catch (EngineException e)
        {
            log.LogError("the collections cannot be listed: {Message}", e.Message);
            _beforeAllAreOpen = e.Message;
        }
    }

    private async Task StartedAsync(CancellationToken stoppingToken)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }

    private async Task<IReadOnlyList<string>> ListAtStartAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                return await ListAsync(stoppingToken);
            }
            catch (EngineException e) when (e.Kind == EngineFailureKind.Recovering)
            {
                log.LogWarning("{Message}; trying again", e.Message);
                _beforeAllAreOpen = e.Message;
                await Task.Delay(ListRetryInterval, stoppingToken);
            }
        }
    }

    private async Task OpenAtStartAsync(string name, CancellationToken stoppingToken)
    {
        _opening = name;
        _beforeAllAreOpen = BeingOpened;
        try
        {
            ValoriEngine engine = await OpenAsync(name, null, create: false, wait: true, stoppingToken);
            log.LogInformation("collection {Name} is ready: state hash {StateHash}", name, await engine.GetStateHashAsync(cancellationToken: stoppingToken));
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.NotFound)
        {
            // Dropped since it was listed.
        }
        catch (Exception e) when (e is EngineException or RefusedException)
        {
            // An engine that stopped for good has logged it, with advice.
            if (e is not EngineException { Kind: EngineFailureKind.Stopped }) log.LogError("collection {Name}: {Message}", name, e.Message);
            _failures[name] = $"{name}: {e.Message}";
        }
        finally
        {
            _opening = null;
        }
    }

    /// <summary>How far a collection's recovery is, or null when it is over, well or badly.</summary>
    private async Task<string?> ProgressAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(name, null, create: false, wait: false, cancellationToken);
        }
        catch (EngineException e) when (e.Kind == EngineFailureKind.Recovering)
        {
            return $"{name}: {e.Message}";
        }
        catch (Exception e) when (e is EngineException or RefusedException)
        {
            // OpenAtStartAsync says it, beside what else failed.
        }
        return null;
    }
}
