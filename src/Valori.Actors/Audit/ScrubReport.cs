using System.Globalization;

namespace Valori;

/// <summary>What the last scrub of a running process came to: the proof of everything that is on disk, in the background.</summary>
/// <param name="Finished">By the process's clock.</param>
/// <param name="Proven">The collections whose journal and snapshots are what was written, by name.</param>
/// <param name="BadPlaces">What is not what was written: collection, file, sequence number, what was expected and what was found. Empty: nothing is.</param>
/// <param name="Skipped">What could not be looked at, and why.</param>
public sealed record ScrubReport(DateTimeOffset Finished, IReadOnlyList<string> Proven, IReadOnlyList<string> BadPlaces, IReadOnlyList<string> Skipped)
{
    /// <summary>Whether nothing bad was found.</summary>
    public bool IsGood => BadPlaces.Count == 0;

    /// <summary>One line for a log.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"scrub of {Finished:yyyy-MM-dd HH:mm:ss}Z: collections proven: {Proven.Count}, bad places: {BadPlaces.Count}, collections skipped: {Skipped.Count}");
}
