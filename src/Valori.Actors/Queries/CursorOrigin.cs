using System.Globalization;
using Valori.Actors.State;
using Valori.Protocol;

namespace Valori.Actors.Queries;

/// <summary>
/// Where the first page of a list was read: a place in the history, which its cursors end with. So a cursor of a collection that was dropped is not
/// one of the collection that has its name now.
/// </summary>
/// <remarks>
/// An engine that has started from a snapshot knows no chain values from before it. A place there is not compared: it is rather taken for one of
/// this collection than a list broken off by a restart.
/// </remarks>
/// <param name="Scope">What a list is bound to besides what it asks for.</param>
/// <param name="Text">The place.</param>
/// <param name="Cursor">As the View made it; null for the first page.</param>
internal sealed record CursorOrigin(string Scope, string Text, string? Cursor)
{
    // Of the chain value: two histories do not share them by chance.
    private const int ChainDigits = 16;

    private const char Separator = '.';

    /// <returns>A refusal if the cursor is of another history.</returns>
    public static Outcome<CursorOrigin> Of(string? cursor, Query list, string name, DurableView view)
    {
        string origin = At(view.SequenceNr, view.Chain);
        if (cursor is not null)
        {
            int end = cursor.LastIndexOf(Separator);
            origin = cursor[(end + 1)..];
            if (end >= 0 && IsElsewhere(origin, view))
            {
                return new Refusal(RefusalKind.InvalidArgument,
                    $"the cursor is not one of this list: it comes from a collection '{name}' with another history, which was dropped. Begin with the first page");
            }
            cursor = end < 0 ? cursor : cursor[..end];
        }
        return new CursorOrigin($"{name}\n{list.AsOf}\n{origin}", origin, cursor);
    }

    /// <summary>The cursor of a page, for its client; null after the last page.</summary>
    public string? ForClient(string? cursor) => cursor is null ? null : $"{cursor}{Separator}{Text}";

    private static bool IsElsewhere(string origin, DurableView view)
    {
        // What is no origin is found by the cursor's digest.
        if (!long.TryParse(origin.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long sequenceNr) || sequenceNr < 1) return false;
        return sequenceNr > view.SequenceNr || (view.History.KnowsChainOf(sequenceNr) && At(sequenceNr, view.History.ChainOf(sequenceNr)) != origin);
    }

    private static string At(long sequenceNr, Digest chain) => string.Create(CultureInfo.InvariantCulture, $"{sequenceNr}-{chain.ToString()[..ChainDigits]}");
}
