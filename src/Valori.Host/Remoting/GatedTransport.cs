using System.Reflection;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport;
using DotNetty.Transport.Channels;
using Valori.Host.Processes;
using Address = Akka.Actor.Address;

namespace Valori.Host.Remoting;

/// <summary>
/// Akka.Remote's TCP transport behind a gate: the connections that peers open, and those that they make this process open, take no more
/// descriptors than their share. Without it they take all, and a process without a descriptor ends.
/// </summary>
/// <remarks>
/// Akka's transport is sealed, and has no place for a limit. So this wraps it, and puts a handler where its server accepts: what the
/// gate refuses is closed there, before the next one is accepted. A connection to a peer counts from the attempt until its channel is
/// closed: one that is accepted there and then silent is open for as long as Akka waits for a handshake. Akka creates this by the
/// setting <c>transport-class</c>.
/// </remarks>
internal sealed class GatedTransport : Transport
{
    /// <summary>HOCON that has Akka.Remote use this. A constant: a service without peers loads neither this nor Akka.Remote.</summary>
    public const string Setting = """akka.remote.dot-netty.tcp.transport-class = "Valori.Host.Remoting.GatedTransport, valori" """;

    private const string Inner = "Akka.Remote.Transport.DotNetty.TcpTransport, Akka.Remote";

    private readonly Transport _inner;
    private readonly ILoggingAdapter _log;
    private readonly int _maximum = Descriptors.PeersOf(Descriptors.Limit());
    private int _outgoing;

    /// <summary>As Akka creates a transport.</summary>
    public GatedTransport(ActorSystem system, Config config)
    {
        Type type = Type.GetType(Inner, throwOnError: true)!;
        _inner = (Transport)Activator.CreateInstance(type, system, config)!;
        CloseWhatFails(type);
        _log = Akka.Event.Logging.GetLogger(system, typeof(GatedTransport));
        (System, Config, SchemeIdentifier, MaximumPayloadBytes) = (system, config, _inner.SchemeIdentifier, _inner.MaximumPayloadBytes);
    }

    public override async Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        (Address, TaskCompletionSource<IAssociationEventListener>) listening = await _inner.Listen().ConfigureAwait(false);
        // It accepts nothing yet: not before the listener is there.
        IChannel server = ChannelOf(_inner, "ServerChannel");
        server.Pipeline.AddFirst(new PeerGate(_maximum, _log));
        return listening;
    }

    public override bool IsResponsibleFor(Address remote) => _inner.IsResponsibleFor(remote);

    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        // An address in a peer's message is enough to be connected to.
        if (Interlocked.Increment(ref _outgoing) > _maximum)
        {
            Interlocked.Decrement(ref _outgoing);
            throw new InvalidAssociationException(
                $"{_maximum} connections to other addresses are open, which is the maximum. Try {remoteAddress} again later, or let this process open more files (ulimit -n, LimitNOFILE=)");
        }
        Task? closed = null;
        try
        {
            AssociationHandle handle = await _inner.Associate(remoteAddress).ConfigureAwait(false);
            closed = ChannelOf(handle, "_channel").CloseCompletion;
            return handle;
        }
        finally
        {
            if (closed is null) Interlocked.Decrement(ref _outgoing);
            else _ = closed.ContinueWith(_ => Interlocked.Decrement(ref _outgoing), TaskScheduler.Default);
        }
    }

    public override Task<bool> Shutdown() => _inner.Shutdown();

    public override Task<bool> ManagementCommand(object message) => _inner.ManagementCommand(message);

    /// <summary>Puts other threads in the place of those that open connections, before they do anything.</summary>
    private void CloseWhatFails(Type type)
    {
        const string name = "_clientEventLoopGroup";
        FieldInfo? field = type.BaseType?.GetField(name, BindingFlags.Instance | BindingFlags.NonPublic);
        if (field?.GetValue(_inner) is not IEventLoopGroup replaced)
            throw new ConfigurationException($"this version of Akka.Remote has no {name} to close failed connections at: use the one that Valori is published with");
        field.SetValue(_inner, new MultithreadEventLoopGroup(parent => new OutgoingLoop(parent), replaced.Items.Count()));
        _ = replaced.ShutdownGracefullyAsync();
    }

    private static IChannel ChannelOf(object owner, string field) =>
        owner.GetType().GetField(field, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)?.GetValue(owner) as IChannel
        ?? throw new ConfigurationException($"this version of Akka.Remote has no {owner.GetType().Name}.{field} to limit its connections at: use the one that Valori is published with");
}
