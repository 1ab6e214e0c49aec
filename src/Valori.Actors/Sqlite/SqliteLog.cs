using System.Buffers.Binary;

namespace Valori.Actors.Sqlite;

/// <summary>
/// Whether a write-ahead log (https://www.sqlite.org/fileformat2.html#walformat) is damaged. SQLite takes the first frame whose
/// checksum is wrong for the end, because a power cut may have torn what was being written: a bit that flips anywhere in the log
/// would take away every transaction from there on, without a word.
/// </summary>
/// <remarks>
/// <para>What a power cut can tear is the last transaction, which was not acknowledged: each one is synced before the next
/// begins. So a bad frame with a whole transaction after it and the beginning of the next one is damage. In the last transaction it is
/// damage if one 32-bit word explains it: what was not written lacks whole sectors.</para>
/// <para>Not found: several damaged words in the last transaction, or around the mark that ends the one before it, and a log that was
/// cut off or deleted.</para>
/// </remarks>
internal sealed class SqliteLog : IDisposable
{
    private const int HeaderBytes = 32, FrameHeaderBytes = 24;
    private const uint Magic = 0x377f0682;

    private readonly FileStream _stream;
    private readonly byte[] _header = new byte[HeaderBytes];
    private bool _isBigEndian;

    private SqliteLog(FileStream stream) => _stream = stream;

    /// <summary>Reads the log beside a journal, if there is one. Another process may be writing it.</summary>
    /// <exception cref="CorruptionException">It is damaged.</exception>
    public static void Check(string journalPath)
    {
        string path = journalPath + "-wal";
        // What is being written, or begins anew, looks torn for a moment, but never twice in the same way.
        Damage? found = Find(path);
        for (Damage? before = null; found is not null && found != before; found = Find(path)) before = found;
        if (found is null) return;
        throw new CorruptionException(path, found.Position, found.Expected,
            $"{found.Found}. SQLite would take this for the end of the log and lose what was acknowledged after it: "
            + "restore a copy of the directory. To continue with the older state that journal.db has without the log, move the log away and keep it");
    }

    public void Dispose() => _stream.Dispose();

    private static Damage? Find(string path)
    {
        try
        {
            using SqliteLog log = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16));
            return log.Find();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private Damage? Find()
    {
        // The header is synced before the first frame is written.
        if (_stream.Length <= HeaderBytes) return null;
        _stream.ReadExactly(_header);
        uint magic = Number(_header, 0);
        _isBigEndian = (magic & 1) == 1;
        if ((magic & ~1u) != Magic) return new Damage(0, FormattableString.Invariant($"a log that begins with {Magic:x8}"), FormattableString.Invariant($"{magic:x8}"));
        (uint First, uint Second) sum = Add((0, 0), _header.AsSpan(0, 24));
        if (sum != Sum(_header, 24))
            return new Damage(0, "a log whose header has its checksum", $"checksum {Text(Sum(_header, 24))} instead of {Text(sum)}");
        int pageBytes = (int)Number(_header, 8);
        return FindFrame(sum, new byte[FrameHeaderBytes + pageBytes]);
    }

    private Damage? FindFrame((uint First, uint Second) sum, byte[] frame)
    {
        Damage? torn = null;
        (uint First, uint Second)? ended = null;
        for (long position = HeaderBytes; _stream.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length; position += frame.Length)
        {
            (bool isFirst, bool isSecond) = (Number(frame, 8) == Number(_header, 16), Number(frame, 12) == Number(_header, 20));
            if (torn is null)
            {
                // Frames of an earlier log have other salts, both.
                if (isFirst != isSecond) return new Damage(position, "a frame with both salts of its log", "a frame with only one of them");
                if (isFirst)
                {
                    (uint First, uint Second) right = Add(Add(sum, frame.AsSpan(0, 8)), frame.AsSpan(FrameHeaderBytes));
                    sum = Sum(frame, 16);
                    if (right == sum) continue;
                    Damage damage = new(position, $"a frame of page {Number(frame, 0)} with its checksum", $"checksum {Text(sum)} instead of {Text(right)}");
                    if (IsOfOneWord(right, sum, (frame.Length - FrameHeaderBytes + 8) / 8)) return damage;
                    torn = damage;
                }
                else
                {
                    torn = new Damage(position, "a frame of this log, because others follow", "one of an earlier log");
                    continue;
                }
            }
            if (!isFirst || !isSecond) continue;
            // What failed commits left has an end and a beginning too, but the one was not written after the other.
            if (ended is { } end && Add(Add(end, frame.AsSpan(0, 8)), frame.AsSpan(FrameHeaderBytes)) == Sum(frame, 16)) return torn;
            ended = Number(frame, 4) != 0 ? Sum(frame, 16) : null;
        }
        return null;
    }

    /// <summary>Whether another value of one 32-bit word, of the content or of the checksum itself, makes the checksum right.</summary>
    /// <param name="pairs">Of words that the checksum is of.</param>
    private static bool IsOfOneWord((uint First, uint Second) right, (uint First, uint Second) found, int pairs)
    {
        uint first = right.First - found.First, second = right.Second - found.Second;
        if (first == 0 || second == 0) return true;
        // How a word of the last pair counts in the checksum, then of the one before it, and so on.
        (uint First, uint Second) even = (1, 1), odd = (0, 1);
        for (int pair = 0; pair < pairs; pair++)
        {
            if (Explains(even) || Explains(odd)) return true;
            even = Next(even);
            odd = Next(odd);
        }
        return false;

        bool Explains((uint First, uint Second) weight)
        {
            // One of two neighbours among Fibonacci's numbers is odd, and has an inverse.
            uint difference = (weight.First & 1) == 1 ? first * Inverse(weight.First) : second * Inverse(weight.Second);
            return weight.First * difference == first && weight.Second * difference == second;
        }

        static (uint First, uint Second) Next((uint First, uint Second) weight) => (weight.First + weight.Second, weight.First + 2 * weight.Second);
    }

    /// <summary>Of an odd number, modulo 2^32: Newton's method doubles the right bits, of which three are right at first.</summary>
    private static uint Inverse(uint odd)
    {
        uint inverse = odd;
        for (int right = 3; right < 32; right *= 2) inverse *= 2 - odd * inverse;
        return inverse;
    }

    private (uint First, uint Second) Add((uint First, uint Second) sum, ReadOnlySpan<byte> bytes)
    {
        (uint first, uint second) = sum;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            first += Word(bytes) + second;
            second += Word(bytes[4..]) + first;
        }
        return (first, second);
    }

    private uint Word(ReadOnlySpan<byte> bytes) => _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static (uint First, uint Second) Sum(byte[] bytes, int offset) => (Number(bytes, offset), Number(bytes, offset + 4));

    private static uint Number(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(offset));

    private static string Text((uint First, uint Second) sum) => FormattableString.Invariant($"{sum.First:x8}{sum.Second:x8}");

    private sealed record Damage(long Position, string Expected, string Found);
}
