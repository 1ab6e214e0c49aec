namespace Valori.Actors.Settings;

/// <summary>The settings under <c>valori.scrub</c>.</summary>
/// <param name="Interval">From the end of one scrub to the beginning of the next.</param>
internal sealed record ScrubSettings(TimeSpan Interval, long BytesPerSecond);
