using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Valori.Kernel.Search;

/// <summary>A cursor of a list of nodes or edges: the place that the next page begins at, and a digest of it and of what the list was asked for with.</summary>
internal static class GraphCursor
{
    private const int DigestBytes = 8;

    /// <summary>An id, and with the edges of a node what else it takes to begin there (<see cref="NodeEdgeWalk.LinkBefore"/>).</summary>
    internal readonly record struct Place(ulong First, ulong LinkBefore = 0);

    /// <param name="bound">What it belongs to.</param>
    public static string Make(byte[] bound, Place next)
    {
        Span<byte> bytes = stackalloc byte[DigestBytes + 2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[DigestBytes..], next.First);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[(DigestBytes + sizeof(ulong))..], next.LinkBefore);
        if (next.LinkBefore == 0) bytes = bytes[..(DigestBytes + sizeof(ulong))];
        Digest.Of([.. bound, .. bytes[DigestBytes..]]).ToArray().AsSpan(0, DigestBytes).CopyTo(bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The place; the first id for the first page; null, with a refusal, if the cursor belongs to another list.</summary>
    public static Place? Read(string? cursor, byte[] bound, out Refusal? refusal)
    {
        refusal = null;
        if (cursor is null) return new Place(0);
        Span<byte> bytes = stackalloc byte[DigestBytes + 2 * sizeof(ulong)];
        bytes.Clear();
        // Made again it must be the same text: several texts may have the same bytes.
        if (cursor.Length <= Base64Url.GetEncodedLength(bytes.Length) && Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, bytes, out _)
            && new Place(BinaryPrimitives.ReadUInt64LittleEndian(bytes[DigestBytes..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[(DigestBytes + sizeof(ulong))..])) is var next
            && Make(bound, next) == cursor)
        {
            return next;
        }
        refusal = new Refusal(RefusalKind.InvalidArgument,
            "the cursor is not one of this list: it comes from a page of the same collection with the same filters and as_of, and is sent back as it is");
        return null;
    }

    /// <summary>What a cursor of the list belongs to.</summary>
    public static byte[] BoundOf(NodeListQuery query)
    {
        ArrayBufferWriter<byte> bound = Begin('n', query.Scope, query.Filter);
        Append(bound, (byte[])[.. query.Kinds.Select(kind => kind.Value)]);
        Append(bound, query.Record?.Value);
        return bound.WrittenSpan.ToArray();
    }

    /// <summary>What a cursor of the list belongs to.</summary>
    public static byte[] BoundOf(EdgeListQuery query)
    {
        ArrayBufferWriter<byte> bound = Begin('e', query.Scope, query.Filter);
        Append(bound, (byte[])[.. query.Kinds.Select(kind => kind.Value)]);
        Append(bound, query.Node?.Value);
        Append(bound, (ulong?)query.ValidAtUnixMicroseconds);
        bound.Write([(byte)query.Direction]);
        return bound.WrittenSpan.ToArray();
    }

    // Every part tells where it ends.
    private static ArrayBufferWriter<byte> Begin(char list, string scope, Filter filter)
    {
        ArrayBufferWriter<byte> bound = new();
        bound.Write([(byte)list]);
        Append(bound, Encoding.UTF8.GetBytes(scope));
        Append(bound, filter.Canonical.Span);
        return bound;
    }

    private static void Append(ArrayBufferWriter<byte> bound, ulong? number)
    {
        bound.Write([(byte)(number is null ? 0 : 1)]);
        BinaryPrimitives.WriteUInt64LittleEndian(bound.GetSpan(sizeof(ulong)), number ?? 0);
        bound.Advance(sizeof(ulong));
    }

    private static void Append(ArrayBufferWriter<byte> bound, ReadOnlySpan<byte> part)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bound.GetSpan(sizeof(int)), part.Length);
        bound.Advance(sizeof(int));
        bound.Write(part);
    }
}
