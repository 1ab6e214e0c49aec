using System.Globalization;
using System.Text;
using Valori.Actors.Text;

namespace Valori.Actors.Journal;

/// <summary>
/// The end mark of a journal: an event that the journal had, and that a start must find in it. It is kept beside the journal, so
/// that a journal that lost its end does not look like an older, valid one.
/// </summary>
/// <param name="SequenceNr">Of an event that was durable when this was written.</param>
internal sealed record JournalEnd(long SequenceNr, long UnixMicroseconds, Digest StateHash, Digest Chain)
{
    private const string FirstLine = "valori journal end 1";

    /// <summary>The text of the file (section 14 of docs/formats.md in Valori's repository).</summary>
    public byte[] ToBytes()
    {
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{FirstLine}\nsequence_nr {SequenceNr}\nunix_microseconds {UnixMicroseconds}\nstate_hash {StateHash}\nchain {Chain}\n");
        return Encoding.ASCII.GetBytes($"{text}check {Digest.Of(Encoding.ASCII.GetBytes(text))}\n");
    }

    /// <exception cref="CorruptionException">The bytes are not what <see cref="ToBytes"/> returns.</exception>
    public static JournalEnd Parse(ReadOnlySpan<byte> bytes, string path)
    {
        string[] lines = Encoding.ASCII.GetString(bytes).Split('\n');
        if (lines.Length == 7
            && long.TryParse(Value(lines[1], "sequence_nr "), NumberStyles.None, CultureInfo.InvariantCulture, out long sequenceNr)
            && WholeNumbers.TryParseSigned(Value(lines[2], "unix_microseconds "), out long time)
            && Digest.TryParse(Value(lines[3], "state_hash "), out Digest stateHash)
            && Digest.TryParse(Value(lines[4], "chain "), out Digest chain)
            && new JournalEnd(sequenceNr, time, stateHash, chain) is var end
            && bytes.SequenceEqual(end.ToBytes()))
        {
            return end;
        }
        throw new CorruptionException(path, 0, "an end mark of a journal", "a file that was changed or replaced; the journal is not affected");
    }

    private static string Value(string line, string name) => line.StartsWith(name, StringComparison.Ordinal) ? line[name.Length..] : "";
}
