using Valori.Actors.Text;
using Valori.Kernel.Values;

namespace Valori;

/// <summary>
/// Which past state a query is about: that after an event, that at a time, or the newest one with a state hash. All three
/// name the same state forever, on every machine. How far back an engine reaches depends on <c>valori.as-of-retention</c>; it
/// refuses what it cannot reach.
/// </summary>
public abstract record AsOf
{
    /// <summary>As errors name the forms of the text.</summary>
    internal const string Expected = $"a sequence number, a state hash of 64 hex digits, or {TimeText.Expected}";

    private AsOf()
    {
    }

    /// <summary>The state after the event with this sequence number, from 1 on.</summary>
    public static AsOf SequenceNr(long sequenceNr) => new AtSequenceNr(sequenceNr);

    /// <summary>The state after the last event whose time is not later. Microseconds count; what is finer does not.</summary>
    public static AsOf Time(DateTimeOffset time) => new AtTime(((FieldValue)time).AsUnixMicroseconds());

    /// <summary>The newest state with this state hash.</summary>
    public static AsOf StateHash(Digest stateHash) => new AtStateHash(stateHash);

    /// <summary>
    /// Reads a sequence number, 64 hex digits of a state hash, or an ISO 8601 time, as in <c>12</c>,
    /// <c>2026-11-25T13:00:00.123456Z</c>. A time without an offset is UTC.
    /// </summary>
    public static Outcome<AsOf> Parse(string text)
    {
        if (Digest.TryParse(text, out Digest stateHash)) return new AtStateHash(stateHash);
        if (WholeNumbers.TryParse(text, out long sequenceNr)) return new AtSequenceNr(sequenceNr);
        return TimeText.TryParse(text, out long unixMicroseconds)
            ? new AtTime(unixMicroseconds)
            : new Refusal(RefusalKind.InvalidArgument,
                    $"as_of is '{text}'; it must be {Expected}");
    }

    internal sealed record AtSequenceNr(long Number) : AsOf;

    internal sealed record AtTime(long UnixMicroseconds) : AsOf;

    internal sealed record AtStateHash(Digest Hash) : AsOf;
}
