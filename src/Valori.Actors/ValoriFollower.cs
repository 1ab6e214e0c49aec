using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Valori.Actors.Client;
using Valori.Actors.Engine;
using Valori.Actors.Entries;
using Valori.Actors.Gateway;
using Valori.Actors.Streams;
using Valori.Protocol;

namespace Valori;

/// <summary>
/// A collection that follows another one, of another process or of this one: a warm standby. It gets each event as it is, proves that it leads to the same state
/// hash and history chain, and writes it into a journal of its own, which is the same byte by byte. It stops at the first difference.
/// </summary>
/// <remarks>
/// Thread-safe. While it follows, the collection answers queries and takes no changes. Start it before anything else opens the
/// collection: what another caller writes before makes it a history of its own. After a restart of its process, it goes on from where it was.
/// </remarks>
public sealed class ValoriFollower : IAsyncDisposable
{
    private static readonly TimeSpan OpenPatience = TimeSpan.FromSeconds(30), FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(5);

    private readonly ActorSystem _system;
    private readonly Func<CancellationToken, Task<ValoriEngine>> _connect;
    private readonly CancellationTokenSource _stop = new();
    private volatile FollowerStatus _status;

    private ValoriFollower(ActorSystem system, ValoriEngine engine, long sequenceNr, Func<CancellationToken, Task<ValoriEngine>> connect)
    {
        _system = system;
        _connect = connect;
        Engine = engine;
        _status = new FollowerStatus(sequenceNr, sequenceNr, null);
        Completion = Task.Run(FollowAsync);
    }

    /// <summary>The collection that follows. It takes no changes until <see cref="TakeOverAsync"/>.</summary>
    public ValoriEngine Engine { get; }

    /// <summary>How far it is.</summary>
    public FollowerStatus Status => _status;

    /// <summary>
    /// Ends when it follows no more: after <see cref="TakeOverAsync"/> or <see cref="DisposeAsync"/>, or with <see cref="FollowerDifferenceException"/>, or with
    /// <see cref="RefusedException"/> if it cannot go on, as when the next event was dropped or the collection would follow itself. It also ends,
    /// successfully, when the ActorSystem ends. Faults that may pass are not the end (<see cref="Status"/>).
    /// </summary>
    public Task Completion { get; }

    /// <summary>Opens a collection that follows another one, and begins to follow. If it does not exist, it begins with the first event of that one.</summary>
    /// <param name="system">The system of the collection that follows.</param>
    /// <param name="name">Its name, which need not be that of the other one.</param>
    /// <param name="connect">Opens the collection to follow, such as <see cref="ValoriEngine.ConnectAsync"/>. It is called again after a fault.</param>
    /// <param name="snapshot">
    /// A snapshot of the collection to follow, for a collection that does not exist yet: needed if the journal of that one does not have its first
    /// event any more, and faster if it is long. The journal must have the snapshot's event and the one after it.
    /// </param>
    /// <exception cref="RefusedException">
    /// The first event was dropped and there is no snapshot (<see cref="RefusalKind.OutOfReach"/>), or the snapshot is not of that collection.
    /// </exception>
    public static async Task<ValoriFollower> StartAsync(
        ActorSystem system, string name, Func<CancellationToken, Task<ValoriEngine>> connect, Stream? snapshot = null, CancellationToken cancellationToken = default)
    {
        ValoriExtension extension = ValoriExtension.Get(system);
        ValoriEngine? engine = await OpenAsync(extension, name, null, cancellationToken).ConfigureAwait(false);
        if (engine is null)
        {
            await using ValoriEngine followed = await connect(cancellationToken).ConfigureAwait(false);
            JournalRecord? first = null;
            if (snapshot is not null) await FollowerSeed.PlantAsync(system, extension.Settings, name, snapshot, followed.GetEventsAsync, cancellationToken).ConfigureAwait(false);
            else first = await FirstEventAsync(system, followed, cancellationToken).ConfigureAwait(false);
            engine = await OpenAsync(extension, name, first, cancellationToken).ConfigureAwait(false)
                ?? throw new EngineException(EngineFailureKind.Stopped, $"collection '{name}' was dropped while it was created");
        }
        return new ValoriFollower(system, engine, (await engine.StatusAsync(cancellationToken: cancellationToken).ConfigureAwait(false)).SequenceNr, connect);
    }

    /// <summary>
    /// Stops following: the collection takes changes from now on. Make sure first that nothing changes the other collection any more; otherwise there are two
    /// histories.
    /// </summary>
    /// <param name="cancellationToken">If it comes too late, the collection takes changes. If not, it may still take none: call this again.</param>
    /// <returns>The collection, at the last event that is durable here (<see cref="FollowerStatus.SequenceNr"/>).</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled: before, then it follows on.</exception>
    public async Task<ValoriEngine> TakeOverAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await _stop.CancelAsync().ConfigureAwait(false);
        await Completion.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Requests.AskAsync<FollowingStopped>(Engine.Gateway, new StopFollowing(), OpenPatience, cancellationToken).ConfigureAwait(false);
        return Engine;
    }

    /// <summary>Stops reading from the other collection. This one still takes no changes, and can be followed on with another call of <see cref="StartAsync"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <returns>Null if there is no such collection and no event to begin with.</returns>
    private static async Task<ValoriEngine?> OpenAsync(ValoriExtension extension, string name, JournalRecord? first, CancellationToken cancellationToken)
    {
        FollowEngine request = new(new OpenEngine(name, Create: false), first);
        try
        {
            return await Resending.UntilAnsweredAsync(
                () => ValoriEngine.OpenAsync(extension.Guardian, request, extension.RequestTimeout, ownedSystem: null, cancellationToken), OpenPatience).ConfigureAwait(false);
        }
        catch (RefusedException e) when (first is null && e.Refusal.Kind == RefusalKind.NotFound)
        {
            return null;
        }
    }

    private static async Task<JournalRecord> FirstEventAsync(ActorSystem system, ValoriEngine followed, CancellationToken cancellationToken)
    {
        try
        {
            return (await ChangeFeed.Pages(followed.GetEventsAsync, 1).RunWith(Sink.First<FeedPage>(), system.Materializer()).WaitAsync(cancellationToken).ConfigureAwait(false)).Records[0];
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.OutOfReach)
        {
            throw new RefusedException(e.Refusal with { Message = $"{e.Message}: start with a snapshot of the collection to follow" });
        }
    }

    private async Task FollowAsync()
    {
        TimeSpan pause = FirstPause;
        // A stream on a system that has ended would never end.
        while (!_stop.IsCancellationRequested && !_system.WhenTerminated.IsCompleted)
        {
            long before = _status.SequenceNr;
            try
            {
                await using ValoriEngine followed = await ConnectAsync().ConfigureAwait(false);
                if (followed.Gateway.Equals(Engine.Gateway)) await RefuseItselfAsync().ConfigureAwait(false);
                EngineStatus here = await Engine.StatusAsync(cancellationToken: _stop.Token).ConfigureAwait(false);
                _status = _status with { SequenceNr = here.SequenceNr };
                await CompareAsync(here, followed, _stop.Token).ConfigureAwait(false);
                Task stream = ChangeFeed.Pages(followed.GetEventsAsync, here.SequenceNr + 1)
                    .Via(_stop.Token.AsFlow<FeedPage>(cancelGracefully: true))
                    .SelectAsync(1, TakeAsync)
                    .RunWith(Sink.Ignore<long>(), _system.Materializer());
                await (await Task.WhenAny(stream, _system.WhenTerminated).ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (Exception e) when (Resending.Unwrap(e) is not (FollowerDifferenceException or RefusedException { Refusal.Kind: RefusalKind.OutOfReach or RefusalKind.InvalidArgument }))
            {
                if (_stop.IsCancellationRequested) return;
                _status = _status with { LastFault = Resending.Unwrap(e).Message };
                if (_status.SequenceNr > before) pause = FirstPause;
                await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (AggregateException e)
            {
                throw Resending.Unwrap(e);
            }
        }
    }

    /// <summary>Opens the collection to follow. Opening waits for a recovery without an end, and so for a process that ends meanwhile: it is asked again.</summary>
    private async Task<ValoriEngine> ConnectAsync()
    {
        TimeSpan patience = ValoriExtension.Get(_system).RequestTimeout;
        using CancellationTokenSource giveUp = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        giveUp.CancelAfter(patience);
        try
        {
            return await _connect(giveUp.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!_stop.IsCancellationRequested)
        {
            throw new EngineException(EngineFailureKind.Recovering,
                $"the collection to follow was not opened within {patience.TotalSeconds} s (valori.request-timeout): it recovers, or its process has ended", e);
        }
    }

    /// <summary>A collection that follows itself would wait for ever, and take no changes.</summary>
    private async Task RefuseItselfAsync()
    {
        await Requests.AskAsync<FollowingStopped>(Engine.Gateway, new StopFollowing(), OpenPatience, CancellationToken.None).ConfigureAwait(false);
        throw new RefusedException(new Refusal(RefusalKind.InvalidArgument,
            $"collection '{Engine.Name}' cannot follow itself: connect to the one that it is to follow. It takes changes as before"));
    }

    /// <summary>What is here must be a part of what is there. With the next event it would be found too, but there may be none for long.</summary>
    private static async Task CompareAsync(EngineStatus here, ValoriEngine followed, CancellationToken stop)
    {
        if (here.Schema.DifferenceFrom(followed.Schema) is var (its, other)) throw new FollowerDifferenceException(1, its, other);
        EngineStatus there = await followed.StatusAsync(cancellationToken: stop).ConfigureAwait(false);
        if (there.SequenceNr < here.SequenceNr)
        {
            throw new FollowerDifferenceException(
                there.SequenceNr + 1, $"a state after {here.SequenceNr} events, with the state hash {here.StateHash}",
                $"nothing: it ends at event {there.SequenceNr}, with the state hash {there.StateHash}");
        }
        try
        {
            EngineStatus then = await followed.StatusAsync(AsOf.SequenceNr(here.SequenceNr), stop).ConfigureAwait(false);
            if (then.StateHash != here.StateHash) throw new FollowerDifferenceException(here.SequenceNr, $"state hash {here.StateHash}", $"state hash {then.StateHash}");
            if (then.Chain != here.Chain) throw new FollowerDifferenceException(here.SequenceNr, $"history chain {here.Chain}", $"history chain {then.Chain}");
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.OutOfReach)
        {
            // Its memory does not reach back so far. The chain value of the next event tells.
        }
    }

    private async Task<long> TakeAsync(FeedPage page)
    {
        if (page.Records.Count > 0)
        {
            if (await AskAsync(page.From, page.Records).ConfigureAwait(false) is { } difference)
            {
                // What comes before it in the same page is good.
                int good = (int)(difference.SequenceNr - page.From);
                if (good > 0) await Resending.UntilAnsweredAsync(() => AskAsync(page.From, [.. page.Records.Take(good)]), OpenPatience).ConfigureAwait(false);
                throw new FollowerDifferenceException(difference.SequenceNr, difference.Here, difference.There);
            }
        }
        _status = new FollowerStatus(page.From - 1 + page.Records.Count, page.LastSequenceNr, null);
        return _status.SequenceNr;
    }

    private async Task<FollowedDifference?> AskAsync(long from, IReadOnlyList<JournalRecord> records)
    {
        object answer = await Requests.AskAsync<object>(Engine.Gateway, new FollowEvents(from, records), OpenPatience, CancellationToken.None).ConfigureAwait(false);
        return answer switch
        {
            FollowedDifference difference => difference,
            Receipt => null,
            Refusal refusal => throw new RefusedException(refusal),
            EngineFailure failure => throw new EngineException(failure.Kind, failure.Message),
            _ => throw new InvalidOperationException($"{Engine.Gateway.Path} answered with {answer.GetType().Name}"),
        };
    }
}
