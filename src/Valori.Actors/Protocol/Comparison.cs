using Valori.Protocol;

namespace Valori;

/// <summary>How two engines differ.</summary>
/// <param name="This">The place of the engine that was asked.</param>
/// <param name="Other">The place of the other engine.</param>
/// <param name="Differences">Records, nodes, edges, each by id.</param>
/// <param name="IsComplete">Whether these are all.</param>
/// <param name="DigestsRead">Of both engines together: about 4 log2(n) a difference.</param>
public sealed record Comparison(
    HistoryPlace This, HistoryPlace Other, IReadOnlyList<Difference> Differences, bool IsComplete, long DigestsRead) : IWireMessage
{
    /// <summary>The maximum number of differences in a comparison: what another process says must not fill the memory.</summary>
    public const int MaximumDifferences = 1 << 20;

    internal static Refusal? CheckLimit(int limit) => limit is < 1 or > MaximumDifferences
        ? new Refusal(RefusalKind.InvalidArgument, $"the limit is {limit}; it must be in 1..{MaximumDifferences}")
        : null;
}

/// <summary>One record, node or edge in which two engines differ.</summary>
public sealed record Difference(ContentKind Kind, ulong Id, DifferenceKind How);

/// <summary>How a record, node or edge differs.</summary>
public enum DifferenceKind
{
    /// <summary>Both engines have used the id, and the content differs, or is a tombstone in one of them.</summary>
    Content = 1,

    /// <summary>Only the engine that was asked has used the id.</summary>
    OnlyInThis = 2,

    /// <summary>Only the other engine has used the id.</summary>
    OnlyInOther = 3,
}
