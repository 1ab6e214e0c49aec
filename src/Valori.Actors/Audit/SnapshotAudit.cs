using Valori.Actors.Rows;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Snapshots;

namespace Valori.Actors.Audit;

/// <summary>Reads each snapshot of one collection whole, and compares its place in the history with the journal's.</summary>
/// <param name="sources">All of the collection, oldest first.</param>
internal sealed class SnapshotAudit(IReadOnlyList<SnapshotSource> sources, List<BadPlace> badPlaces, List<string> notes)
{
    private int _next;

    /// <summary>Snapshots that were read whole and agree.</summary>
    public int Verified { get; private set; }

    /// <summary>The next one's sequence number.</summary>
    public long? NextSequenceNr => _next < sources.Count ? sources[_next].SequenceNr : null;

    /// <summary>The oldest good one at or after an event; those before it are done with.</summary>
    public SnapshotContent? LoadOldest(long atLeast)
    {
        for (; _next < sources.Count; _next++)
        {
            SnapshotSource source = sources[_next];
            if (source.SequenceNr < atLeast)
            {
                if (Read(source) is not null) notes.Add(FormattableString.Invariant($"{source.Path} was read in full, but the events to compare it with were dropped"));
            }
            else if (Read(source) is { Header.HistoryFrontier: not null } content)
            {
                _next++;
                Verified++;
                return content;
            }
        }
        return null;
    }

    /// <summary>Compares those of the newest event.</summary>
    /// <param name="history">Up to that event.</param>
    /// <param name="stateHash">After that event.</param>
    /// <param name="takeView">Of that state.</param>
    public void Compare(History history, Digest stateHash, Func<View> takeView)
    {
        for (; NextSequenceNr <= history.SequenceNr; _next++)
        {
            SnapshotSource source = sources[_next];
            if (source.SequenceNr < history.SequenceNr)
            {
                badPlaces.Add(new BadPlace(source.Path, source.SequenceNr, "an event's sequence number in its name", $"{source.SequenceNr}"));
                continue;
            }
            if (IsWrittenAgain(source, history, takeView()))
            {
                Verified++;
                continue;
            }
            // It differs somewhere: read it for the place.
            if (Read(source) is not { Header: var header }) continue;
            string? differs = header switch
            {
                _ when header.UnixMicroseconds != history.UnixMicroseconds => Add("time", Iso8601.Format(history.UnixMicroseconds), Iso8601.Format(header.UnixMicroseconds)),
                _ when header.Chain != history.Chain => Add("history chain", $"{history.Chain}", $"{header.Chain}"),
                _ when header.StateHash != stateHash => Add("state hash", $"{stateHash}", $"{header.StateHash}"),
                { HistoryFrontier: { } frontier } when !frontier.SequenceEqual(history.FrontierAt(history.SequenceNr)) => AddFrontier(frontier),
                _ => null,
            };
            if (differs is null) Verified++;

            string Add(string what, string expected, string found)
            {
                badPlaces.Add(new BadPlace(source.Path, source.SequenceNr, $"{what} {expected}, as in the journal", found));
                return what;
            }

            string AddFrontier(IReadOnlyList<Digest> found)
            {
                Digest[] expected = history.FrontierAt(history.SequenceNr);
                int level = Enumerable.Range(0, expected.Length).First(level => expected[level] != found[level]);
                return Add(FormattableString.Invariant($"history frontier of level {level}"), $"{expected[level]}", $"{found[level]}");
            }
        }
    }

    /// <summary>
    /// Whether the file has the very bytes that a snapshot of this state has: equal content has equal bytes, so nothing else can
    /// be right, and writing costs a third of reading.
    /// </summary>
    private static bool IsWrittenAgain(SnapshotSource source, History history, View view)
    {
        try
        {
            using Stream stream = source.Open();
            EqualBytes equal = new(stream);
            SnapshotWriter.Write(equal, view, new SnapshotHeader(
                history.SequenceNr, history.UnixMicroseconds, history.Chain, view.StateHash, history.FrontierAt(history.SequenceNr)));
            return equal.AreEqual && equal.IsAtEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CorruptionException)
        {
            return false;
        }
    }

    /// <summary>Those that are left are of events that the journal does not have.</summary>
    /// <param name="isWhole">Whether the journal was read up to its end.</param>
    public void Finish(long lastSequenceNr, bool isWhole)
    {
        for (; _next < sources.Count; _next++)
        {
            SnapshotSource source = sources[_next];
            if (isWhole && IsGone(source))
            {
                notes.Add($"{source.Path} was deleted in the meantime, as when a collection is dropped");
            }
            else if (isWhole)
            {
                badPlaces.Add(new BadPlace(source.Path, source.SequenceNr,
                    FormattableString.Invariant($"a sequence number up to {lastSequenceNr}, where the journal ends"),
                    FormattableString.Invariant($"{source.SequenceNr}: the journal lost its end, or the file belongs to another journal")));
            }
            else if (Read(source) is not null)
            {
                notes.Add($"{source.Path} was read in full, but the journal is not proven up to there");
            }
        }
    }

    private static bool IsGone(SnapshotSource source)
    {
        try
        {
            source.Open().Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CorruptionException)
        {
            return false;
        }
    }

    /// <summary>The content; null if it is a bad place, or gone.</summary>
    private SnapshotContent? Read(SnapshotSource source)
    {
        try
        {
            using Stream stream = source.Open();
            SnapshotContent content = SnapshotReader.Read(stream, source.Path);
            if (content.Header.SequenceNr != source.SequenceNr)
                throw new CorruptionException(source.Path, 16, $"sequence number {source.SequenceNr}, as in its name", $"{content.Header.SequenceNr}");
            if (content.Header.HistoryFrontier is null)
                notes.Add($"{source.Path} is of format version 1: it can be restored, but a start cannot continue from it");
            return content;
        }
        catch (CorruptionException e)
        {
            badPlaces.Add(new BadPlace(source.Path, source.SequenceNr, FormattableString.Invariant($"{e.Expected} at byte {e.Position}"), e.Found) { IsLeftOut = true });
        }
        catch (FileNotFoundException)
        {
            notes.Add($"{source.Path} was deleted in the meantime, as a service does with old snapshots");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            badPlaces.Add(new BadPlace(source.Path, source.SequenceNr, "a file that can be read", e.Message) { IsLeftOut = true });
        }
        return null;
    }
}
