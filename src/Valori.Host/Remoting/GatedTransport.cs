using System.Reflection;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport;
using DotNetty.Transport.Channels;
using Valori.Host.Http;
using Address = Akka.Actor.Address;

namespace Valori.Host.Remoting;

/// <summary>
/// Akka.Remote's TCP transport behind a gate: the connections that peers open, and those that they make this process open, take no more
/// descriptors than their share. Without it they take all, and a process without a descriptor ends.
/// </summary>
/// <remarks>
/// Akka's transport is sealed, and has no place for a limit. So this wraps it, and puts a handler where its server accepts: what the
/// gate refuses is closed there, before the next one is accepted. Akka creates it by the setting <c>transport-class</c>.
/// </remarks>
internal sealed class GatedTransport : Transport
{
    /// <summary>HOCON that has Akka.Remote use this. A constant: a service without peers loads neither this nor Akka.Remote.</summary>
    public const string Setting = """akka.remote.dot-netty.tcp.transport-class = "Valori.Host.Remoting.GatedTransport, valori" """;

    private const string Inner = "Akka.Remote.Transport.DotNetty.TcpTransport, Akka.Remote", ServerChannel = "ServerChannel";

    private readonly Transport _inner;
    private readonly ILoggingAdapter _log;
    private readonly int _maximum = Descriptors.PeersOf(Descriptors.Limit());
    private int _connecting;

    /// <summary>As Akka creates a transport.</summary>
    public GatedTransport(ActorSystem system, Config config)
    {
        Type type = Type.GetType(Inner, throwOnError: true)!;
        _inner = (Transport)Activator.CreateInstance(type, system, config)!;
        _log = Akka.Event.Logging.GetLogger(system, typeof(GatedTransport));
        (System, Config, SchemeIdentifier, MaximumPayloadBytes) = (system, config, _inner.SchemeIdentifier, _inner.MaximumPayloadBytes);
    }

    public override async Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen()
    {
        (Address, TaskCompletionSource<IAssociationEventListener>) listening = await _inner.Listen().ConfigureAwait(false);
        // It accepts nothing yet: not before the listener is there.
        FieldInfo? field = _inner.GetType().GetField(ServerChannel, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
        if (field?.GetValue(_inner) is not IChannel server)
            throw new ConfigurationException($"this version of Akka.Remote has no {ServerChannel} to limit its connections at: use the one that Valori is published with");
        server.Pipeline.AddFirst(new PeerGate(_maximum, _log));
        return listening;
    }

    public override bool IsResponsibleFor(Address remote) => _inner.IsResponsibleFor(remote);

    public override async Task<AssociationHandle> Associate(Address remoteAddress)
    {
        try
        {
            // An address in a peer's message is enough to be connected to, and one where nobody answers takes its time.
            if (Interlocked.Increment(ref _connecting) > _maximum)
                throw new InvalidAssociationException($"{_maximum} connections to other addresses are being opened already: {remoteAddress} is not tried now");
            return await _inner.Associate(remoteAddress).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _connecting);
        }
    }

    public override Task<bool> Shutdown() => _inner.Shutdown();

    public override Task<bool> ManagementCommand(object message) => _inner.ManagementCommand(message);
}
