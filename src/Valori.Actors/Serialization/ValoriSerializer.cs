using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using Google.Protobuf;
using Valori.Actors.Entries;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Actors.Serialization;

/// <summary>
/// The one serializer of Valori: journal records, snapshots (for snapshot stores other than Valori's own) and every
/// message that may cross a process, as protobuf. Manifests are short and frozen; new ones may be added.
/// </summary>
internal sealed class ValoriSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The manifest of every journal row. Frozen.</summary>
    internal const string JournalRecordManifest = "J";

    /// <summary>Frozen: it stands in every journal row.</summary>
    internal const int Number = 86_825;

    /// <summary>The manifest of every snapshot in a snapshot store other than Valori's own. Frozen.</summary>
    internal const string SnapshotManifest = "S";

    // On the wire, a filter does not tell how the names in it were written. So what is to be refused for that goes as its refusal, to come back.
    private const string QueryManifest = "query";

    /// <summary>Always the same.</summary>
    public override int Identifier => Number;

    public override string Manifest(object o) => o switch
    {
        JournalRecord => JournalRecordManifest,
        DurableView => SnapshotManifest,
        _ when FilteredRequests.Fault(o) is not null => QueryManifest,
        _ => MessageKinds.Of(o).Manifest,
    };

    public override byte[] ToBinary(object obj) => obj switch
    {
        JournalRecord record => record.Payload,
        DurableView view => Encode(view),
        _ when FilteredRequests.Fault(obj) is { } fault => new MessageProto.Query { Refusal = fault.Message }.ToByteArray(),
        _ => MessageKinds.Of(obj).ToBytes(obj),
    };

    /// <exception cref="SerializationException">The bytes are not what the manifest says, or it is not for messages.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        // Rows and snapshots are read from stores. A peer that sends one wants this process to take its time, or its memory.
        if (manifest is JournalRecordManifest or SnapshotManifest && RemotePeers.IsReadingFromPeer)
            throw new SerializationException($"'{manifest}' is only stored, and not accepted from another process");
        try
        {
            return manifest switch
            {
                JournalRecordManifest => new JournalRecord(bytes),
                SnapshotManifest => Decode(bytes),
                _ => MessageKinds.Read(bytes, manifest, system),
            };
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException or FormatException or OverflowException or CorruptionException)
        {
            throw new SerializationException($"no Valori message '{manifest}': {e.Message}", e);
        }
    }

    // Other snapshot stores take a byte array, so a snapshot ends at 2 GB there; Valori's own store streams.
    private static byte[] Encode(DurableView view)
    {
        try
        {
            using MemoryStream stream = new();
            SnapshotWriter.Write(stream, view.View, view.ToSnapshotHeader());
            return stream.ToArray();
        }
        catch (Exception e) when (e is IOException or OutOfMemoryException)
        {
            throw new SerializationException(
                $"the snapshot does not fit into the {Array.MaxLength} bytes of an array, which this snapshot store takes: select valori.snapshot-store, which writes files of any size", e);
        }
    }

    private static SnapshotContent Decode(byte[] bytes)
    {
        using MemoryStream stream = new(bytes, writable: false);
        return SnapshotReader.Read(stream, "snapshot in the snapshot store");
    }
}
