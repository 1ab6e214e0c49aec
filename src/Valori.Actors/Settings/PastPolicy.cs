namespace Valori.Actors.Settings;

/// <summary>How long the past stays in memory, and when freeing it is worth its work.</summary>
/// <param name="forgetAfter">What was deleted or replaced longer ago may be freed; null: never.</param>
/// <param name="leastBytes">Less is not worth a step.</param>
/// <param name="fraction">Of what the engine takes besides: a smaller one frees more often.</param>
internal sealed class PastPolicy(TimeSpan? forgetAfter, long leastBytes, double fraction)
{
    // A round costs about what so many records cost for each that it frees: a start must not take much longer for it.
    private const int FewerAtReplay = 4;

    // Commands are refused otherwise: so a deletion of a thirty-second of the content makes room, by default.
    private const int MoreWhenShort = 8;

    public TimeSpan? ForgetAfter => forgetAfter;

    /// <param name="freeableBytes">What deletions and replaced values hold.</param>
    /// <param name="allBytes">What the engine takes with them.</param>
    /// <param name="isShort">Whether there is little memory left.</param>
    public bool IsWorthFreeing(long freeableBytes, long allBytes, bool isShort) =>
        freeableBytes >= leastBytes && freeableBytes >= (isShort ? fraction / MoreWhenShort : fraction) * (allBytes - freeableBytes);

    /// <summary>The same while a start replays events.</summary>
    public bool IsWorthFreeingAtReplay(long freeableBytes, long allBytes) =>
        freeableBytes >= leastBytes && freeableBytes >= FewerAtReplay * fraction * (allBytes - freeableBytes);
}
