using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;

namespace Valori.Host.Tests.Support;

/// <summary>A peer of Akka.Remote that writes the bytes of the protocol itself, and so names any sender that it likes.</summary>
internal sealed class RawPeer : IDisposable
{
    // Of Valori's serializer (src/Valori.Actors/Serialization).
    private const int Serializer = 86825;
    private const ulong NoSequence = ulong.MaxValue;

    private readonly TcpClient _client;
    private readonly int _port;

    private RawPeer(TcpClient client, int port) => (_client, _port) = (client, port);

    /// <summary>Connects, and waits until its handshake is answered.</summary>
    public static async Task<RawPeer> ConnectAsync(int port)
    {
        RawPeer peer = new(new TcpClient("127.0.0.1", port), port);
        byte[] handshake = Message(fields =>
        {
            Number(fields, 1, 1);
            Bytes(fields, 2, Message(info =>
            {
                Bytes(info, 1, Message(origin =>
                {
                    Text(origin, 1, "peer");
                    Text(origin, 2, "127.0.0.1");
                    Number(origin, 3, 1);
                    Text(origin, 4, "akka.tcp");
                }));
                Fixed(info, 2, 12345);
            }));
        });
        await peer.WriteAsync(Message(frame => Bytes(frame, 2, handshake)));
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        await peer._client.GetStream().ReadExactlyAsync(new byte[4], limit.Token);
        return peer;
    }

    /// <summary>Asks for the list of collections, as an actor at another address.</summary>
    public Task ListAsAsync(IPEndPoint sender)
    {
        byte[] envelope = Message(fields =>
        {
            Bytes(fields, 1, Message(recipient => Text(recipient, 1, FormattableString.Invariant($"akka.tcp://valori@127.0.0.1:{_port}/user/valori"))));
            Bytes(fields, 2, Message(payload =>
            {
                Text(payload, 1, "");
                Number(payload, 2, Serializer);
                Text(payload, 3, "list");
            }));
            Bytes(fields, 4, Message(from => Text(from, 1, FormattableString.Invariant($"akka.tcp://peer@{sender}/user/a"))));
            Fixed(fields, 5, NoSequence);
        });
        return WriteAsync(Message(frame => Bytes(frame, 1, Message(container => Bytes(container, 2, envelope)))));
    }

    public void Dispose() => _client.Dispose();

    private async Task WriteAsync(byte[] frame)
    {
        byte[] bytes = new byte[4 + frame.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, frame.Length);
        frame.CopyTo(bytes, 4);
        await _client.GetStream().WriteAsync(bytes);
    }

    private static byte[] Message(Action<CodedOutputStream> fields)
    {
        using MemoryStream bytes = new();
        using (CodedOutputStream output = new(bytes, leaveOpen: true)) fields(output);
        return bytes.ToArray();
    }

    private static void Bytes(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }

    private static void Text(CodedOutputStream output, int field, string value) => Bytes(output, field, Encoding.UTF8.GetBytes(value));

    private static void Number(CodedOutputStream output, int field, uint value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteUInt32(value);
    }

    private static void Fixed(CodedOutputStream output, int field, ulong value)
    {
        output.WriteTag(field, WireFormat.WireType.Fixed64);
        output.WriteFixed64(value);
    }
}
