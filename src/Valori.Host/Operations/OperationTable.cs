namespace Valori.Host.Operations;

/// <summary>
/// Every operation that clients can ask for, once. <c>exec</c> and HTTP are driven by it: an operation that is added here is in both,
/// and tests say what else it needs (documentation, a facade method that is reached).
/// </summary>
internal static class OperationTable
{
    public static readonly IReadOnlyList<Operation> All =
    [
        .. CollectionOperations.All, .. RecordOperations.All, .. SearchOperations.All, .. IndexOperations.All, .. GraphOperations.All, .. TransactionOperations.All,
        .. DocumentOperations.All, .. HistoryOperations.All, .. SnapshotOperations.All,
    ];

    /// <summary>Those of a service: the same, and what only a service has.</summary>
    public static readonly IReadOnlyList<Operation> OfService = [.. All, .. KeyOperations.All];

    private static readonly Dictionary<string, Operation> ByName = All.ToDictionary(operation => operation.Name, StringComparer.Ordinal);

    /// <summary>The names, in the order in which they are told.</summary>
    public static IEnumerable<string> Names => All.Select(operation => operation.Name);

    /// <summary>The operation with this name, or null.</summary>
    public static Operation? Find(string name) => ByName.GetValueOrDefault(name);
}
