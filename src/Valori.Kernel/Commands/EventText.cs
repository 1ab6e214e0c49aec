namespace Valori.Kernel.Commands;

/// <summary>Events of one kind in a human-readable line.</summary>
/// <param name="one">One event, with its first id and how many ids it is about.</param>
/// <param name="several">So many things that happened together.</param>
internal sealed class EventText(Func<ulong, int, string> one, Func<long, string> several)
{
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

    public string One(ulong firstId, int count) => one(firstId, count);

    public string Several(long count) => several(count);
}
