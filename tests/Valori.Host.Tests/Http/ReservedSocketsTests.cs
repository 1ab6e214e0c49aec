using System.Net.Sockets;
using Valori.Host.Http;

namespace Valori.Host.Tests.Http;

/// <summary>Addresses that are bound before the journal is opened are those that Kestrel would listen on.</summary>
public sealed class ReservedSocketsTests
{
    private readonly List<string> _bound = [];

    [SkippableTheory]
    [InlineData("http://localhost:7480", "127.0.0.1:7480")]
    [InlineData("http://*:7480", "0.0.0.0:7480")]
    [InlineData("http://localhost:7480;http://*:7481", "127.0.0.1:7480 0.0.0.0:7481")]
    public void Where_IPv6_is_switched_off_the_addresses_of_IPv4_are_enough(string urls, string expected)
    {
        using ReservedSockets sockets = Without(AddressFamily.InterNetworkV6, SocketError.AddressNotAvailable);
        sockets.Bind(urls);
        Assert.Equal(expected, string.Join(' ', _bound));
    }

    [SkippableTheory]
    [InlineData("http://localhost:7480")]
    [InlineData("http://*:7480")]
    [InlineData("http://[::1]:7480")]
    public void One_address_that_is_taken_is_refused(string url)
    {
        using ReservedSockets sockets = Without(AddressFamily.InterNetworkV6, SocketError.AddressAlreadyInUse);
        IOException refused = Assert.Throws<IOException>(() => sockets.Bind(url));
        Assert.StartsWith($"cannot listen on {url}: ", refused.Message);
    }

    [SkippableTheory]
    [InlineData("http://[::1]:7480")]
    [InlineData("http://[2001:db8::1]:7480")]
    public void An_address_that_the_machine_does_not_have_is_refused_if_it_is_the_only_one(string url)
    {
        using ReservedSockets sockets = Without(AddressFamily.InterNetworkV6, SocketError.AddressNotAvailable);
        Assert.Throws<IOException>(() => sockets.Bind(url));
        Assert.Empty(_bound);
    }

    [SkippableFact]
    public void All_addresses_of_a_machine_are_bound_once()
    {
        using ReservedSockets sockets = Without(AddressFamily.Unknown, SocketError.Success);
        sockets.Bind("http://*:7480;http://localhost:7481");
        Assert.Equal(["[::]:7480", "127.0.0.1:7481", "[::1]:7481"], _bound);
    }

    /// <summary>Sockets that are not bound, on a machine where those of a family fail.</summary>
    private ReservedSockets Without(AddressFamily family, SocketError fault)
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "the runtime says that the system has no IPv6, and no address of it is tried");
        return new ReservedSockets(endpoint =>
        {
            if (endpoint.AddressFamily == family) throw new SocketException((int)fault);
            _bound.Add(endpoint.ToString()!);
            return new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        });
    }
}
