using System.Text;
using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Actors.Entries;

/// <summary>Values that are bytes on the wire.</summary>
internal static class WireValues
{
    public static void Bytes(this ref WireWriter writer, int number, in Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Valori.Digest.SizeBytes];
        digest.CopyTo(bytes);
        writer.Bytes(number, bytes);
    }

    /// <exception cref="ArgumentException">The field has not as many bytes as a digest.</exception>
    public static Digest Digest(this ref WireReader reader, int number) => Valori.Digest.Read(reader.Bytes(number).Span);

    public static Digest? OptionalDigest(this ref WireReader reader, int number) =>
        reader.Bytes(number) is { IsEmpty: false } bytes ? Valori.Digest.Read(bytes.Span) : null;

    /// <summary>The first id in a field, and the count in the next one.</summary>
    public static void IdRange(this ref WireWriter writer, int number, IdRange range)
    {
        writer.UInt64(number, range.First);
        writer.UInt64(number + 1, (ulong)range.Count);
    }

    public static IdRange IdRange(this ref WireReader reader, int number)
    {
        ulong first = reader.UInt64(number);
        return new IdRange(first, reader.Int32(number + 1));
    }

    public static void Write(this RequestId request, ref WireWriter writer, int number)
    {
        Span<byte> name = stackalloc byte[Protocol.RequestId.MaximumLength];
        writer.Bytes(number, name[..Encoding.ASCII.GetBytes(request.Value, name)]);
    }

    /// <exception cref="ArgumentException">It is not a request id.</exception>
    public static RequestId? RequestId(this ref WireReader reader, int number) =>
        reader.Bytes(number) is { IsEmpty: false } name ? Protocol.RequestId.Parse(Encoding.UTF8.GetString(name.Span)) : null;

    public static void Write(this Author author, ref WireWriter writer, int number)
    {
        Span<byte> name = stackalloc byte[Protocol.Author.MaximumLength];
        writer.Bytes(number, name[..Encoding.ASCII.GetBytes(author.Value, name)]);
    }

    /// <exception cref="ArgumentException">It is not an author.</exception>
    public static Author? Author(this ref WireReader reader, int number) =>
        reader.Bytes(number) is { IsEmpty: false } name ? Protocol.Author.Parse(Encoding.UTF8.GetString(name.Span)) : null;
}
