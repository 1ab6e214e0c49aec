namespace Valori.Kernel.Commands;

/// <summary>Events of one kind in a human-readable line.</summary>
/// <param name="one">One event, with its first id and how many ids it is about.</param>
/// <param name="several">So many things that happened together.</param>
internal sealed class EventText(Func<ulong, int, string> one, Func<long, string> several)
{
    /// <summary>The same, to get texts of other manners.</summary>
    public EventText(EventText usual) : this(usual.One, usual.Several)
    {
    }

    /// <summary>Such as <c>record 3 deleted</c>, <c>records 3..5 inserted</c> and <c>1,200 records inserted</c>.</summary>
    public static EventText Of(string what, string happened) => new(
        (first, count) => count switch
        {
            0 => $"no {what}s {happened}",
            1 => FormattableString.Invariant($"{what} {first} {happened}"),
            _ => FormattableString.Invariant($"{what}s {first}..{first + (ulong)count - 1} {happened}"),
        },
        count => FormattableString.Invariant($"{count:N0} {what}{(count == 1 ? "" : "s")} {happened}"));

    /// <summary>The same of ids that need not follow each other, such as <c>12 records expired, from record 3 on</c>.</summary>
    public static EventText OfSome(string what, string happened) => new(
        (first, count) => count switch
        {
            0 => $"no {what}s {happened}",
            1 => FormattableString.Invariant($"{what} {first} {happened}"),
            _ => FormattableString.Invariant($"{count:N0} {what}s {happened}, from {what} {first} on"),
        },
        count => FormattableString.Invariant($"{count:N0} {what}{(count == 1 ? "" : "s")} {happened}"));

    /// <summary>Such as <c>document added, with 12 chunks from record 3 on</c>.</summary>
    public static EventText OfDocument(string happened) => new(
        (first, count) => count == 0 ? $"document {happened}, without chunks"
            : FormattableString.Invariant($"document {happened}, with {count:N0} {(count == 1 ? "chunk" : "chunks")} from record {first} on"),
        count => FormattableString.Invariant($"{count:N0} {(count == 1 ? "chunk of a document" : "chunks of documents")} {happened}"));

    /// <summary>Of something that each record, node or edge has, such as <c>fields of node 3 set</c> and <c>fields of nodes set 12 times</c>.</summary>
    /// <param name="one">As in <c>fields of node</c>.</param>
    /// <param name="several">As in <c>fields of nodes</c>.</param>
    public static EventText OfPart(string one, string several, string happened) => new(
        (id, _) => FormattableString.Invariant($"{one} {id} {happened}"),
        count => FormattableString.Invariant($"{several} {happened} {count:N0} {(count == 1 ? "time" : "times")}"));

    /// <summary>Of events that took something away; as the others if the kind cannot.</summary>
    public EventText? Removed { get; init; }

    /// <summary>Of events that put something in the place of what was there.</summary>
    public EventText? Replaced { get; init; }

    public EventText Of(EventManner manner) => manner switch
    {
        EventManner.Removed => Removed ?? this,
        EventManner.Replaced => Replaced ?? this,
        _ => this,
    };

    public string One(ulong firstId, int count) => one(firstId, count);

    public string Several(long count) => several(count);
}
