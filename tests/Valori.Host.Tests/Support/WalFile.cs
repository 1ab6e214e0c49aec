using System.Buffers.Binary;

namespace Valori.Host.Tests.Support;

/// <summary>
/// Where the pages lie in SQLite's write-ahead log (https://www.sqlite.org/fileformat2.html#walformat): a header, then
/// frames of a page each. A transaction ends with a frame that carries the size of the database. Behind the newest frames
/// may lie older ones, from before the log began anew; their salts are not the header's.
/// </summary>
internal sealed class WalFile
{
    public const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;

    private WalFile(byte[] bytes, List<Frame> frames)
    {
        Bytes = bytes;
        Frames = frames;
    }

    public byte[] Bytes { get; }

    public IReadOnlyList<Frame> Frames { get; }

    public int Transactions => TransactionsBefore(Bytes.Length);

    /// <summary>Where the last transaction begins.</summary>
    public int StartOfLastTransaction => Frames.LastOrDefault(frame => frame.EndsTransaction && frame.End < Frames[^1].End) is { End: > 0 and var end } ? end : HeaderBytes;

    /// <summary>How many whole transactions the log has up to this place.</summary>
    public int TransactionsBefore(int offset) => Frames.Count(frame => frame.EndsTransaction && frame.End <= offset);

    public static WalFile Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int frameBytes = FrameHeaderBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(8));
        List<Frame> frames = [];
        for (int start = HeaderBytes; start + frameBytes <= bytes.Length && Salts(bytes, start + 8) == Salts(bytes, 16); start += frameBytes)
            frames.Add(new Frame(start, start + frameBytes, BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(start + 4)) != 0));
        return new WalFile(bytes, frames);
    }

    /// <summary>What changes when the log begins anew; 0 if there is no log yet.</summary>
    public static ulong SaltsOf(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] header = new byte[HeaderBytes];
        return file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes ? 0 : Salts(header, 16);
    }

    private static ulong Salts(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(offset));

    internal readonly record struct Frame(int Start, int End, bool EndsTransaction);
}
