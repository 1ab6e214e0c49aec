using System.Buffers.Binary;
using System.Globalization;
using Valori.Kernel.Blake3;

namespace Valori.Kernel;

/// <summary>A page of the records that a filter lets through, by id.</summary>
/// <param name="Records">The parts that were asked for.</param>
/// <param name="Cursor">What the next page is asked for with; null after the last one.</param>
public sealed record RecordPage(IReadOnlyList<RecordContent> Records, string? Cursor);

/// <summary>A cursor: the id that the next page begins at, and of which filter.</summary>
internal static class ListCursor
{
    private const int FilterBytes = 8;

    public static string Make(ulong next, Filter filter)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong) + FilterBytes];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, next);
        Digest.Of(filter.Canonical.Span).ToArray().AsSpan(0, FilterBytes).CopyTo(bytes[sizeof(ulong)..]);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>The id, or null with a refusal.</summary>
    public static ulong? Read(string cursor, Filter filter, out Refusal? refusal)
    {
        refusal = null;
        if (cursor.Length == 2 * (sizeof(ulong) + FilterBytes)
            && ulong.TryParse(cursor.AsSpan(0, 2 * sizeof(ulong)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong next)
            && Make(next, filter) == cursor)
        {
            return next;
        }
        refusal = new Refusal(RefusalKind.InvalidArgument, "the cursor is not one of this list: it comes from a page with the same filter, and is sent back as it is");
        return null;
    }
}
