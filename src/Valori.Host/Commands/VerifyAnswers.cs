using System.Globalization;
using Valori.Actors.Audit;
using Valori.Actors.Text;
using Valori.Host.Operations;
using Valori.Kernel.Vectors;

namespace Valori.Host.Commands;

/// <summary>What <c>valori verify</c> prints: human-readable lines or JSON.</summary>
internal static class VerifyAnswers
{
    public static string ToText(AuditedCollection audited)
    {
        List<string> lines = [$"collection       {audited.Name}"];
        if (audited.Place is { } place)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"proven up to     {place.SequenceNr}"));
            lines.Add($"time             {Iso8601.Format(place.UnixMicroseconds)}");
            lines.Add($"state hash       {place.StateHash}");
            lines.Add($"history chain    {place.Chain}");
            lines.Add($"history root     {place.HistoryRoot}");
        }
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"events           {audited.Events:N0} replayed"));
        if (audited.Counts is { } counts)
        {
            lines.Add($"records          {InfoCommand.Count(counts.Records, counts.RecordSlots)}");
            lines.Add($"nodes            {InfoCommand.Count(counts.Nodes, counts.NodeSlots)}");
            lines.Add($"edges            {InfoCommand.Count(counts.Edges, counts.EdgeSlots)}");
        }
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"snapshots        {audited.Snapshots} verified"));
        lines.AddRange(audited.Notes.Select(note => $"note             {note}"));
        lines.AddRange(audited.BadPlaces.Select(bad => $"BAD              {bad}"));
        return string.Join('\n', lines);
    }

    /// <summary>The last line, for a glance.</summary>
    public static string Verdict(IReadOnlyList<AuditedCollection> audited, DirectoryAudit audit, bool isGood)
    {
        List<string> lines = [.. audit.UnknownFiles.Select(file => $"note             {file} is not named like a snapshot and was not examined")];
        lines.AddRange(audit.BeingDropped.Select(name => $"note             the collection '{name}' is being dropped: what is left of it was not examined"));
        lines.AddRange(audit.Strangers.Select(bad => $"BAD              {bad}"));
        string[] bad = [.. audited.Where(result => !result.IsGood).Select(result => result.Name)];
        lines.Add(isGood
            ? $"verified: {(audited.Count == 0 ? "there is no collection" : string.Join(", ", audited.Select(result => result.Name)))}"
            : $"not what was written: {string.Join(", ", bad.Length > 0 ? bad : ["files of no collection"])}");
        return string.Join('\n', lines);
    }

    public static VerifyAnswer ToJson(IReadOnlyList<AuditedCollection> audited, DirectoryAudit audit, bool isGood) => new(
        isGood, audited.Select(VerifiedCollectionAnswer.Of), audit.Strangers.Select(BadPlaceAnswer.Of), audit.BeingDropped, audit.UnknownFiles);
}

/// <summary>What <c>valori verify --json</c> prints.</summary>
/// <param name="BadPlaces">Those of no collection.</param>
/// <param name="BeingDropped">The collections that do not exist any more, and of which something may be left. Not examined.</param>
/// <param name="UnknownFiles">Not named like snapshots, and not examined.</param>
internal sealed record VerifyAnswer(
    bool IsGood, IEnumerable<VerifiedCollectionAnswer> Collections, IEnumerable<BadPlaceAnswer> BadPlaces, IReadOnlyList<string> BeingDropped,
    IReadOnlyList<string> UnknownFiles);

/// <summary>A collection as it was proven. The counts are null if there is a bad place in the journal.</summary>
internal sealed record VerifiedCollectionAnswer(
    string Name,
    bool IsGood,
    PlaceAnswer? Place,
    long Events,
    int? Dimension,
    string? Metric,
    double? Scale,
    ulong? RecordCount,
    ulong? RecordSlots,
    ulong? NodeCount,
    ulong? NodeSlots,
    ulong? EdgeCount,
    ulong? EdgeSlots,
    int Snapshots,
    IEnumerable<BadPlaceAnswer> BadPlaces,
    IReadOnlyList<string> Notes)
{
    public static VerifiedCollectionAnswer Of(AuditedCollection audited) => new(
        audited.Name,
        audited.IsGood,
        audited.Place is { } place ? PlaceAnswer.Of(place) : null,
        audited.Events,
        audited.Counts?.Schema.Dimension,
        audited.Counts?.Schema.Metric.Name(),
        audited.Counts?.Schema.Scale,
        audited.Counts?.Records,
        audited.Counts?.RecordSlots,
        audited.Counts?.Nodes,
        audited.Counts?.NodeSlots,
        audited.Counts?.Edges,
        audited.Counts?.EdgeSlots,
        audited.Snapshots,
        audited.BadPlaces.Select(BadPlaceAnswer.Of),
        audited.Notes);
}

/// <summary>A place that does not hold what was written.</summary>
internal sealed record BadPlaceAnswer(string File, long SequenceNr, string Expected, string Found)
{
    public static BadPlaceAnswer Of(BadPlace bad) => new(bad.File, bad.SequenceNr, bad.Expected, bad.Found);
}
