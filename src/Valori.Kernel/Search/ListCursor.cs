using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Valori.Kernel.Filters;

namespace Valori.Kernel.Search;

/// <summary>The last record of a page, as it was then: the next page begins after it, even if it was changed or deleted meanwhile.</summary>
/// <param name="Key">Of a list by key: its key, if it had one.</param>
/// <param name="Value">Of a list by a field: that field alone, if it had a value to order by.</param>
internal sealed record ListPlace(ulong Id, RecordKey? Key, Fields Value);

/// <summary>A cursor: a <see cref="ListPlace"/>, and a digest of it and of everything that the list was asked for with except the limit and the parts.</summary>
internal static class ListCursor
{
    private const int DigestBytes = 8, IdBytes = sizeof(ulong);

    public static string Make(ListQuery query, ListPlace place)
    {
        ReadOnlySpan<byte> value = ValueOf(place);
        byte[] bytes = new byte[DigestBytes + IdBytes + value.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(DigestBytes), place.Id);
        value.CopyTo(bytes.AsSpan(DigestBytes + IdBytes));
        Bind(query, bytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The place, or null with a refusal.</summary>
    public static ListPlace? Read(ListQuery query, out Refusal? refusal)
    {
        refusal = null;
        try
        {
            byte[] bytes = Base64Url.DecodeFromChars(query.Cursor);
            if (bytes.Length >= DigestBytes + IdBytes)
            {
                byte[] bound = [.. bytes];
                Bind(query, bound);
                // Every character counts: several texts may have the same bytes.
                if (bound.AsSpan().SequenceEqual(bytes) && Base64Url.EncodeToString(bytes) == query.Cursor)
                    return PlaceOf(query.Order.Operand, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(DigestBytes)), bytes.AsMemory(DigestBytes + IdBytes));
            }
        }
        catch (FormatException)
        {
            // Refused below.
        }
        refusal = new Refusal(RefusalKind.InvalidArgument,
            "the cursor is not one of this list: it comes from a page of the same collection with the same filter, order, direction and as_of, and is sent back as it is");
        return null;
    }

    private static ReadOnlySpan<byte> ValueOf(ListPlace place) => place.Key is { } key ? key.Utf8 : place.Value.IsEmpty ? [] : place.Value.Canonical.Span;

    /// <exception cref="FormatException">The cursor was not made by a list.</exception>
    private static ListPlace? PlaceOf(FilterOperand operand, ulong id, ReadOnlyMemory<byte> value)
    {
        if (value.IsEmpty) return new ListPlace(id, null, Fields.Empty);
        if (operand.Kind == OperandKind.Key) return RecordKey.OfUtf8(value).TryGet(out RecordKey? key, out _) ? new ListPlace(id, key, Fields.Empty) : throw new FormatException();
        return operand.Kind == OperandKind.Field ? new ListPlace(id, null, Fields.Read(value.Span)) : throw new FormatException();
    }

    private static void Bind(ListQuery query, byte[] bytes)
    {
        ArrayBufferWriter<byte> bound = new();
        Append(Encoding.UTF8.GetBytes(query.Scope));
        Append(query.Filter.Canonical.Span);
        bound.Write([(byte)query.Order.Operand.Kind, (byte)(query.Order.IsDescending ? 1 : 0)]);
        Append(query.Order.Operand.Utf8);
        bound.Write(bytes.AsSpan(DigestBytes));
        Digest.Of(bound.WrittenSpan).ToArray().AsSpan(0, DigestBytes).CopyTo(bytes);

        void Append(ReadOnlySpan<byte> part)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bound.GetSpan(sizeof(int)), part.Length);
            bound.Advance(sizeof(int));
            bound.Write(part);
        }
    }
}
