using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Valori.Actors.Client;
using Valori.Actors.Gateway;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Actors.Sqlite;
using Valori.Actors.Telemetry;
using Valori.Actors.Writes;
using Valori.Protocol;

namespace Valori;

/// <summary>
/// One engine, for code that is not an actor. Opened on a directory with an ActorSystem of its own
/// (<see cref="OpenAsync(string, ValoriOptions?, CancellationToken)"/>), on an existing system
/// (<see cref="ValoriExtension.OpenAsync"/>), or on another process (<see cref="ConnectAsync"/>).
/// </summary>
/// <remarks>
/// Thread-safe. A command's task completes when its event is durable; what is durable is seen by every later query.
/// Every method throws <see cref="RefusedException"/> if the request is refused (nothing happened) and
/// <see cref="EngineException"/> if the engine could not answer (its kind says what may have happened). Cancelling stops
/// the waiting, but not a command that was sent. If the token is cancelled already, nothing is sent. After
/// <see cref="DisposeAsync"/> every method throws <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed partial class ValoriEngine : IAsyncDisposable, IDisposable
{
    private readonly IActorRef _gateway;
    private readonly TimeSpan _timeout;
    private readonly ActorSystem? _ownedSystem;
    private readonly Task? _gatewayGone;
    private readonly bool _takesEnvelopes;

    // With a request id, or room for answers: the engine that it was made from, and is disposed with.
    private readonly ValoriEngine? _origin;
    private readonly RequestId? _request;
    private readonly Author? _author;
    private readonly IAnswerRoom? _room;
    private volatile bool _isDisposed;

    private ValoriEngine(EngineOpened opened, TimeSpan timeout, ActorSystem? ownedSystem)
    {
        Name = opened.Name;
        Schema = opened.Schema;
        _gateway = opened.Gateway;
        _takesEnvelopes = opened.TakesEnvelopes;
        _timeout = timeout;
        _ownedSystem = ownedSystem;
        // Of another process the answer's timeout tells: one that lets no outsider watch its actors is right to.
        if (_gateway is IInternalActorRef { IsLocal: true }) _gatewayGone = _gateway.WatchAsync();
    }

    private ValoriEngine(ValoriEngine engine, RequestId? request, Author? author, IAnswerRoom? room)
    {
        (Name, Schema, _gateway, _timeout, _gatewayGone, _takesEnvelopes) = (engine.Name, engine.Schema, engine._gateway, engine._timeout, engine._gatewayGone, engine._takesEnvelopes);
        _origin = engine._origin ?? engine;
        _request = request;
        _author = author;
        _room = room;
    }

    /// <summary>The engine's name.</summary>
    public string Name { get; }

    /// <summary>What was fixed when the engine was created: dimension, metric and scale.</summary>
    public EngineSchema Schema { get; }

    /// <summary>Components of every vector.</summary>
    public int Dimension => Schema.Dimension;

    /// <summary>The actor to Ask or Tell: it takes the messages of <c>Valori.Protocol</c>.</summary>
    public IActorRef Gateway => _gateway;

    /// <summary>Whether the engine that this was opened on is gone for good, as after a drop: one that is opened now is another one.</summary>
    internal bool IsGone => _gatewayGone is { IsCompleted: true };

    /// <summary>The ActorSystem that stops with this engine, if it has one of its own.</summary>
    internal ActorSystem? OwnedSystem => _ownedSystem;

    /// <summary>
    /// The same engine, for one command that may have to be sent again. However often it is sent with this id, also after a
    /// restart, it is carried out once, and each time it gets the first answer.
    /// </summary>
    /// <param name="requestId">
    /// New for each command, 1 to 64 visible ASCII characters, such as a UUID. The newest <c>valori.remembered-requests</c>
    /// are remembered. Another command with this id is refused (<see cref="RefusalKind.RequestIdReused"/>), and so is a query.
    /// </param>
    /// <exception cref="RefusedException">It is not a request id.</exception>
    public ValoriEngine WithRequestId(string requestId) => new(this, Accept(RequestId.Of(requestId)), _author, _room);

    /// <summary>
    /// The same engine, for somebody: the timeline says of each command that is sent through it who asked for it. Who that is, the application must
    /// know; nothing here checks it. Queries and restores have no author.
    /// </summary>
    /// <param name="author">1 to 64 visible ASCII characters, such as the name of an API key.</param>
    /// <exception cref="RefusedException">It is not an author.</exception>
    /// <exception cref="InvalidOperationException">The engine is in another process, where authors are not taken from clients.</exception>
    public ValoriEngine WithAuthor(string author) => _gateway is IInternalActorRef { IsLocal: true }
        ? new(this, _request, Accept(Author.Of(author)), _room)
        : throw new InvalidOperationException($"engine '{Name}' is in another process, and a client of another process cannot say who its author is");

    /// <summary>The same engine, with a limit on the memory that the answers to queries take.</summary>
    internal ValoriEngine WithRoom(IAnswerRoom room) => new(this, _request, _author, room);

    /// <summary>Opens an engine in a directory, with an ActorSystem of its own, and waits until it has recovered.</summary>
    /// <param name="path">The data directory; created if it does not exist. One process at a time.</param>
    /// <exception cref="DataDirectoryException">The directory is in use, or cannot be used.</exception>
    /// <exception cref="RefusedException">
    /// Another schema, an invalid name, or nothing there to open; what is refused creates neither directory nor files.
    /// </exception>
    public static Task<ValoriEngine> OpenAsync(string path, ValoriOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        return OpenInAsync(path, options ?? new ValoriOptions(), cancellationToken);
    }

    /// <param name="path">Null for the data directory that the options' configuration names, if its journal needs one.</param>
    internal static async Task<ValoriEngine> OpenInAsync(string? path, ValoriOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        OpenEngine request = new(options.Name, new WantedSchema(options.Dimension, options.Metric, options.Scale), options.Create);
        Config config = ConfigFor(path, options);
        if ((ValoriGuardian.CheckRequest(request) ?? CheckThere(request, config)) is { } refusal) throw new RefusedException(refusal);
        ActorSystem system = StartSystem(config, options);
        try
        {
            ValoriExtension extension = ValoriExtension.Get(system);
            return await OpenAsync(extension.Guardian, request, extension.RequestTimeout, system, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await TerminateAsync(system).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens an engine of another process by Akka.Remote.</summary>
    /// <param name="system">A system with remoting (hocon/remote.conf in Valori's repository).</param>
    /// <param name="address">Of the system that runs Valori, as in <c>akka.tcp://valori@host:4053</c>.</param>
    /// <param name="schema">As for <see cref="ValoriExtension.OpenAsync"/>.</param>
    /// <exception cref="RefusedException">Another schema, an invalid name, or nothing there to open.</exception>
    /// <exception cref="EngineException">Nothing answers there within <c>valori.connect-timeout</c>.</exception>
    public static async Task<ValoriEngine> ConnectAsync(
        ActorSystem system, Address address, string name = ValoriOptions.DefaultName, WantedSchema? schema = null, bool create = true, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // A scale that is not a power of two has no form on the wire.
        if (schema?.Check() is { } refusal) throw new RefusedException(refusal);
        system.Settings.InjectTopLevelFallback(ReferenceConfig.FallbackFor(system.Settings.Config));
        if (((ExtendedActorSystem)system).Provider is LocalActorRefProvider { DefaultAddress: var own } && address != own)
            throw new ArgumentException($"the ActorSystem {system.Name} has no remoting, so {address} cannot be reached: "
                + "set akka.actor.provider = remote (hocon/remote.conf in Valori's repository)", nameof(system));
        RemotePeers.Guard(system);
        TimeSpan timeout = ValoriSettings.RequestTimeoutOf(system.Settings.Config), connectTimeout = ValoriSettings.ConnectTimeoutOf(system.Settings.Config);
        ActorPath guardian = new RootActorPath(address) / "user" / GuardianAddress.Name;
        IActorRef found;
        long start = Stopwatch.GetTimestamp();
        try
        {
            found = await system.ActorSelection(guardian).ResolveOne(connectTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (ActorNotFoundException e)
        {
            // A connection that is refused fails at once.
            string when = Stopwatch.GetElapsedTime(start) < connectTimeout ? "" : $" within {connectTimeout.TotalSeconds} s (valori.connect-timeout)";
            throw new EngineException(EngineFailureKind.Stopped,
                $"no Valori answered at {guardian}{when}; nothing was done. Check that the address is right, with the name of the ActorSystem there, and that the service is running", e);
        }
        // The first to answer named the actor; only the guardian of that address is to be believed.
        if (found.Path.Address != address || !found.Path.ToStringWithoutAddress().Equals(guardian.ToStringWithoutAddress(), StringComparison.Ordinal))
            throw new EngineException(EngineFailureKind.Stopped, $"{found.Path} answered instead of {guardian}");
        return await OpenAsync(found, new OpenEngine(name, schema, create), timeout, ownedSystem: null, cancellationToken).ConfigureAwait(false);
    }

    /// <remarks>Waits as long as the recovery takes; the token bounds it.</remarks>
    internal static async Task<ValoriEngine> OpenAsync(
        IActorRef guardian, object request, TimeSpan timeout, ActorSystem? ownedSystem, CancellationToken cancellationToken)
    {
        EngineOpened opened = await Requests.AskAsync<EngineOpened>(guardian, request, Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        Requests.RequireChild(guardian, opened.Gateway);
        return new ValoriEngine(opened, timeout, ownedSystem);
    }

    /// <summary>
    /// Drops a collection of a directory, with an ActorSystem of its own, and without opening the collection: also one that refuses to open
    /// because it is damaged. Its events, snapshots and everything else go, and the name is free again.
    /// </summary>
    /// <param name="path">The data directory, which no process has open.</param>
    /// <param name="name">The collection's name. There is no default.</param>
    /// <param name="configuration">HOCON that overrides the defaults (reference.conf).</param>
    /// <exception cref="DataDirectoryException">The directory is in use, or cannot be used.</exception>
    /// <exception cref="RefusedException">There is no such collection; nothing was done.</exception>
    public static Task DropAsync(string path, string name, Config? configuration = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(name);
        return DropInAsync(path, new ValoriOptions { Name = name, Configuration = configuration }, cancellationToken);
    }

    /// <param name="path">As in <see cref="OpenInAsync"/>.</param>
    internal static async Task DropInAsync(string? path, ValoriOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Config config = ConfigFor(path, options);
        if ((ValoriGuardian.CheckName(options.Name) ?? CheckThere(new OpenEngine(options.Name, Create: false), config)) is { } refusal) throw new RefusedException(refusal);
        ActorSystem system = StartSystem(config, options);
        try
        {
            await ValoriExtension.Get(system).DropAsync(options.Name, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await TerminateAsync(system).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Drops this collection: its events, snapshots and everything else go, and the name is free again. Completes when all of it is gone.
    /// After that every other method fails, for every caller that has this collection open.
    /// </summary>
    /// <exception cref="RefusedException">It was dropped already.</exception>
    /// <exception cref="EngineException">
    /// <see cref="EngineFailureKind.OutcomeUnknown"/>: the message says whether the collection still exists. What is left of one that does
    /// not goes by itself, after a restart too.
    /// </exception>
    public Task DropAsync(CancellationToken cancellationToken = default)
    {
        CheckCall(typeof(DropEngine));
        return DropAsync(((IInternalActorRef)_gateway).Provider.ResolveActorRef(_gateway.Path.Parent), Name, cancellationToken);
    }

    /// <remarks>Waits as long as it takes; the token bounds the waiting.</remarks>
    internal static Task DropAsync(IActorRef guardian, string name, CancellationToken cancellationToken) =>
        Requests.AskAsync<EngineDropped>(guardian, new DropEngine(name), Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>
    /// Stops the engine and its system gracefully if it has one of its own: pending commands are answered first. Otherwise only
    /// this object stops taking calls.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (_ownedSystem is not null) await TerminateAsync(_ownedSystem).ConfigureAwait(false);
    }

    // For containers that are not disposed asynchronously.
    void IDisposable.Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>If the engine is not to be created, its directory and its journal must not be created either.</summary>
    private static Refusal? CheckThere(OpenEngine request, Config config)
    {
        if (request.Create) return null;
        ValoriSettings settings = new(config.WithFallback(ReferenceConfig.FallbackFor(config)));
        return settings.UsesSqliteFile && SqliteJournalFile.WhyMissing(settings.DataDirectory!) is { } missing
            ? new Refusal(RefusalKind.NotFound, $"collection '{request.Name}' does not exist: {missing}")
            : null;
    }

    private static Config ConfigFor(string? path, ValoriOptions options)
    {
        Config config = path is null ? ConfigurationFactory.Empty : ConfigurationFactory.ParseString(ReferenceConfig.DataDirectorySetting(path));
        if (options.Configuration is not null) config = config.WithFallback(options.Configuration);
        return config.WithFallback(ConfigurationFactory.ParseString("""
            akka.loglevel = WARNING
            akka.stdout-loglevel = WARNING
            akka.log-dead-letters = off
            akka.coordinated-shutdown.default-phase-timeout = 60s
            akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
            """));
    }

    /// <summary>A system of its own for the engines of a directory, which is not opened yet.</summary>
    internal static ActorSystem StartSystem(string? path, ValoriOptions options) => StartSystem(ConfigFor(path, options), options);

    private static ActorSystem StartSystem(Config config, ValoriOptions options) =>
        ActorSystem.Create("valori", BootstrapSetup.Create().WithConfig(config).And(new ValoriSetup(options.Time)));

    internal static async Task TerminateAsync(ActorSystem system)
    {
        await system.Terminate().ConfigureAwait(false);
        if (system.HasExtension<ValoriExtension>()) ValoriExtension.Get(system).Release();
    }

    private Task<Receipt> SendAsync(Command command, CancellationToken cancellationToken) =>
        AskAsync<Receipt>(Named(command, _request), cancellationToken);

    /// <summary>A command as the message that says its name and its author, if it has them.</summary>
    private object Named(Command command, RequestId? request) =>
        _author is not null ? new Authored(_author, request, command)
        : request is not null ? new Request(request, command)
        : command;

    /// <summary>For streams: a command with a name of its own.</summary>
    internal Task<Receipt> SendAsync(Command command, RequestId request) => AskAsync<Receipt>(Named(command, request), CancellationToken.None);

    /// <summary>For streams: records as users write them, as a command.</summary>
    internal Command PutCommand(IReadOnlyList<NewRecord> records, bool replace) => RecordCommands.Put(Schema, records, replace);

    internal Task<EventPage> GetEventsAsync(GetEvents events) => AskAsync<EventPage>(events, CancellationToken.None);

    private Task<T> AskAsync<T>(object request, CancellationToken cancellationToken) => AskAsync<T>(_gateway, request, _timeout, cancellationToken);

    private Task<T> AskAsync<T>(IActorRef target, object request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        CheckCall(request.GetType());
        if (FilteredRequests.Fault(request) is { } fault) return Task.FromException<T>(new RefusedException(fault));
        return ValoriMetrics.OperationDuration.Enabled || Traces.IsHeard
            ? MeasuredAsync<T>(target, request, timeout, cancellationToken)
            : SendAsync<T>(target, request, timeout, cancellationToken, span: null);
    }

    private Task<T> SendAsync<T>(IActorRef target, object request, TimeSpan timeout, CancellationToken cancellationToken, Activity? span)
    {
        EngineMessage? envelope = EnvelopeFor(target, request, timeout, span);
        return envelope is not null && request is Command or Request or Query && RemoteFrame.Refusal(envelope ?? request, target, "request") is not null
            ? RequestUpload.SendAsync<T>(target, envelope ?? request, request, timeout, cancellationToken)
            : Requests.AskAsync<T>(target, _gatewayGone, request, timeout, cancellationToken, _room, envelope);
    }

    /// <summary>The same for those who listen: how long it took, how it ended, and its span.</summary>
    private async Task<T> MeasuredAsync<T>(IActorRef target, object request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        string operation = Traces.NameOf(((request as Request)?.Command ?? (request as Authored)?.Command ?? request).GetType());
        using Activity? span = Traces.StartCall(operation, Name);
        long began = Stopwatch.GetTimestamp();
        string? error = null;
        try
        {
            return await SendAsync<T>(target, request, timeout, cancellationToken, span ?? Activity.Current).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e switch
            {
                RefusedException refused => Traces.Name($"{refused.Refusal.Kind}"),
                EngineException failed => Traces.Name($"{failed.Kind}"),
                _ => e.GetType().FullName!,
            };
            span?.SetTag(ValoriMetrics.ErrorType, error).SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
        finally
        {
            TagList tags = new()
            {
                { ValoriMetrics.System, ValoriMetrics.SystemName },
                { ValoriMetrics.Collection, Name },
                { ValoriMetrics.Operation, operation },
            };
            if (error is not null) tags.Add(ValoriMetrics.ErrorType, error);
            ValoriMetrics.OperationDuration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, tags);
        }
    }

    /// <summary>
    /// What does not belong to the question: its trace, and how long it is waited for. In this process the latter is known without it, and a version from before
    /// envelopes would not answer.
    /// </summary>
    private EngineMessage? EnvelopeFor(IActorRef target, object request, TimeSpan timeout, Activity? span)
    {
        if (!_takesEnvelopes || !target.Equals(_gateway) || _gateway is IInternalActorRef { IsLocal: true } && span is null) return null;
        return new EngineMessage(request)
        {
            Engine = Name,
            TimeoutMilliseconds = timeout > TimeSpan.Zero && timeout.TotalMilliseconds < int.MaxValue ? (int)timeout.TotalMilliseconds : 0,
            TraceParent = span?.Id,
            TraceState = span?.TraceStateString,
        };
    }

    private void CheckCall(Type request)
    {
        ObjectDisposedException.ThrowIf(_isDisposed || _origin is { _isDisposed: true }, this);
        // Ignored, it would promise what nothing keeps.
        if (_request is not null && request != typeof(Request) && request != typeof(Authored))
        {
            throw new RefusedException(new Refusal(RefusalKind.InvalidArgument,
                $"{request.Name} takes no request id, but has '{_request}': only commands that change records, metadata, nodes or edges do"));
        }
    }
}
