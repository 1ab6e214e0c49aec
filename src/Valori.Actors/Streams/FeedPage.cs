using Valori.Actors.Entries;

namespace Valori.Actors.Streams;

/// <summary>Events of a change feed that came together, as the journal has them; none if nothing new came for a while.</summary>
/// <param name="From">The sequence number of the first one.</param>
/// <param name="LastSequenceNr">The last event that there was.</param>
internal sealed record FeedPage(long From, IReadOnlyList<JournalRecord> Records, long LastSequenceNr);
