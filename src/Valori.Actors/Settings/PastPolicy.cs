namespace Valori.Actors.Settings;

/// <summary>How long the past stays in memory, and when freeing it is worth its work.</summary>
/// <param name="forgetAfter">What was deleted or replaced longer ago may be freed; null: never.</param>
/// <param name="leastBytes">Less is not worth a step.</param>
/// <param name="fraction">Of what the engine takes besides: a smaller one frees more often.</param>
internal sealed class PastPolicy(TimeSpan? forgetAfter, long leastBytes, double fraction)
{
    public TimeSpan? ForgetAfter => forgetAfter;

    /// <param name="freeableBytes">What deletions and replaced values hold.</param>
    /// <param name="allBytes">What the engine takes with them.</param>
    public bool IsWorthFreeing(long freeableBytes, long allBytes) =>
        freeableBytes >= leastBytes && freeableBytes >= fraction * (allBytes - freeableBytes);
}
