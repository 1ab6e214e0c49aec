using Akka.Actor;
using Akka.Configuration;
using Valori.Actors.Settings;
using Valori.Protocol;

namespace Valori.Actors.Tests.Streams;

/// <summary>Two directories with an actor system each, that find each other by Akka.Remote: a collection, and one that follows it. Both can crash.</summary>
internal sealed class Standby(string moreOfLeader = "") : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // A system that ends without a word to its engines, as a process that is killed: what they have decided and not written is gone.
    private const string Configuration = """
        akka { loglevel = OFF, stdout-loglevel = OFF }
        akka.actor.provider = remote
        akka.remote { untrusted-mode = on, trusted-selection-paths = ["/user/valori"] }
        akka.actor.serializers.akka-stream-ref = "Valori.Actors.Serialization.RefusingSerializer, Valori.Actors"
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        akka.coordinated-shutdown.run-by-actor-system-terminate = off
        valori.request-timeout = 5s
        valori.connect-timeout = 2s

        """;

    private readonly TemporaryDirectory _leaderDirectory = new(), _followerDirectory = new();
    private ActorSystem? _leaderSystem, _followerSystem;
    private Address? _address;

    public string FollowerPath => _followerDirectory.Path;

    public ActorSystem FollowerSystem => _followerSystem!;

    /// <summary>The collection in its own process.</summary>
    public ValoriEngine? Leader { get; private set; }

    public ValoriFollower? Follower { get; private set; }

    public async Task StartLeaderAsync()
    {
        _leaderSystem = Create("leader", _leaderDirectory, moreOfLeader);
        Leader = await ValoriExtension.Get(_leaderSystem).OpenAsync("notes", schema: 3);
        _address = ((ExtendedActorSystem)_leaderSystem).Provider.DefaultAddress;
    }

    public async Task StartFollowerAsync(Stream? snapshot = null)
    {
        _followerSystem ??= Create("follower", _followerDirectory, "");
        ActorSystem system = _followerSystem;
        Follower = await ValoriFollower.StartAsync(system, "notes", token => ValoriEngine.ConnectAsync(system, _address!, "notes", create: false, cancellationToken: token), snapshot);
    }

    public async Task CrashLeaderAsync()
    {
        await _leaderSystem!.Terminate();
        (_leaderSystem, Leader) = (null, null);
    }

    public async Task CrashFollowerAsync()
    {
        await _followerSystem!.Terminate();
        // The object is as dead as its process would be.
        await Follower!.DisposeAsync();
        (_followerSystem, Follower) = (null, null);
    }

    /// <summary>Waits until the follower has what the other one has, and compares.</summary>
    public async Task AssertCaughtUpAsync()
    {
        EngineStatus expected = await Leader!.StatusAsync();
        await ReachAsync(expected.SequenceNr);
        Assert.Equal(expected, await Follower!.Engine.StatusAsync());
    }

    public async Task ReachAsync(long sequenceNr)
    {
        using CancellationTokenSource end = new(Patience);
        while ((await Follower!.Engine.StatusAsync()).SequenceNr is var here && here < sequenceNr)
        {
            if (Follower.Completion.IsCompleted) await Follower.Completion;
            Assert.False(end.IsCancellationRequested, $"{Follower.Status} instead of event {sequenceNr}");
            // Answered as soon as there is one.
            await Follower.Engine.GetEventsAsync(new GetEvents(here + 1, 0, 1_000));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Follower is not null) await CrashFollowerAsync();
        if (_followerSystem is not null) await _followerSystem.Terminate();
        if (_leaderSystem is not null) await CrashLeaderAsync();
        _leaderDirectory.Dispose();
        _followerDirectory.Dispose();
    }

    private static ActorSystem Create(string name, TemporaryDirectory directory, string more) =>
        ActorSystem.Create(name, ConfigurationFactory.ParseString($"{Configuration}valori.data-directory = {ReferenceConfig.Quote(directory.Path)}\n{more}"));
}
