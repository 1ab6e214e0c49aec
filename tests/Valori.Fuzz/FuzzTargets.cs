using Valori.Fuzz.Targets;

namespace Valori.Fuzz;

/// <summary>Everything that decodes what others wrote.</summary>
internal static class FuzzTargets
{
    public static readonly IReadOnlyList<FuzzTarget> All =
    [
        SnapshotTarget.Target, JournalEntryTarget.Target, JournalFileTargets.Bytes, JournalFileTargets.Schema, MessageTarget.Target, ConversationTarget.Target, ProofTarget.Binary, ProofTarget.Json,
        FieldsTarget.Target, FilterTargets.Canonical, FilterTargets.FilterText, FilterTargets.FilterJson, FilterTargets.FieldsJson, VectorFileTargets.Fvecs, VectorFileTargets.Ivecs, VectorFileTargets.Npy, VectorFileTargets.NpyText, VectorFileTargets.JsonLines, ExecTarget.Target, HttpTarget.Target,
        FieldTargets.Exec, FieldTargets.Http, PeerTarget.Target,
    ];

    public static FuzzTarget Named(string name) =>
        All.Concat(DefectiveTargets.All).SingleOrDefault(target => target.Name == name)
        ?? throw new ArgumentException($"there is no target '{name}'; there are {string.Join(", ", All.Concat(DefectiveTargets.All))}", nameof(name));
}
