using System.Globalization;
using Valori.Actors.Audit;
using Valori.Actors.Text;
using Valori.Host.Operations;

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
        lines.AddRange(audit.Strangers.Select(bad => $"BAD              {bad}"));
        string[] bad = [.. audited.Where(result => !result.IsGood).Select(result => result.Name)];
        lines.Add(isGood
            ? $"verified: {(audited.Count == 0 ? "there is no collection" : string.Join(", ", audited.Select(result => result.Name)))}"
            : $"not what was written: {string.Join(", ", bad.Length > 0 ? bad : ["files of no collection"])}");
        return string.Join('\n', lines);
    }

    public static object ToJson(IReadOnlyList<AuditedCollection> audited, DirectoryAudit audit, bool isGood) => new
    {
        is_good = isGood,
        collections = audited.Select(result => new
        {
            name = result.Name,
            is_good = result.IsGood,
            place = result.Place is { } place ? PlaceAnswer.Of(place) : null,
            events = result.Events,
            dimension = result.Counts?.Dimension,
            record_count = result.Counts?.Records,
            record_slots = result.Counts?.RecordSlots,
            node_count = result.Counts?.Nodes,
            node_slots = result.Counts?.NodeSlots,
            edge_count = result.Counts?.Edges,
            edge_slots = result.Counts?.EdgeSlots,
            snapshots = result.Snapshots,
            bad_places = result.BadPlaces.Select(Bad),
            notes = result.Notes,
        }),
        bad_places = audit.Strangers.Select(Bad),
        unknown_files = audit.UnknownFiles,
    };

    private static object Bad(BadPlace bad) => new { file = bad.File, sequence_nr = bad.SequenceNr, expected = bad.Expected, found = bad.Found };
}
