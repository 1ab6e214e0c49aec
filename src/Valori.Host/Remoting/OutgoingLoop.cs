using System.Net;
using DotNetty.Transport.Channels;

namespace Valori.Host.Remoting;

/// <summary>
/// The thread of connections that this process opens. It closes the socket of one that cannot be made: DotNetty leaves it open until
/// the garbage collector finds it, and as many as there are descriptors may come before.
/// </summary>
internal sealed class OutgoingLoop(IEventLoopGroup parent) : SingleThreadEventLoop(parent), IEventLoop
{
    Task IEventLoopGroup.RegisterAsync(IChannel channel)
    {
        channel.Pipeline.AddFirst(new Attempt());
        return RegisterAsync(channel);
    }

    private sealed class Attempt : ChannelHandlerAdapter
    {
        public override async Task ConnectAsync(IChannelHandlerContext context, EndPoint remoteAddress, EndPoint localAddress)
        {
            try
            {
                await context.ConnectAsync(remoteAddress, localAddress).ConfigureAwait(false);
            }
            catch
            {
                await context.CloseAsync().ConfigureAwait(false);
                throw;
            }
        }
    }
}
