namespace Valori.Host.Commands;

/// <summary>What <c>valori check --json</c> prints if a state contains a record, a node or an edge, or that it was deleted.</summary>
/// <param name="Kind">Of what the proof is about: record, node or edge.</param>
/// <param name="Content">Null if it was deleted.</param>
internal sealed record InclusionCheckAnswer<TContent>(bool IsProven, string StateHash, string Kind, ulong Id, bool IsDeleted, TContent? Content)
    where TContent : class;

/// <summary>The same for a history that extends an earlier one.</summary>
internal sealed record HistoryCheckAnswer(bool IsProven, long From, long To);

/// <summary>The same for what a proof does not prove.</summary>
internal sealed record FailedCheckAnswer(bool IsProven, string Error);
