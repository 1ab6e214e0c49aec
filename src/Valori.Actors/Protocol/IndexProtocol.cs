namespace Valori.Protocol;

/// <summary>What is known of the proximity graph of a collection; answered with <see cref="IndexStatus"/>.</summary>
public sealed record GetIndexStatus : IWireMessage;

/// <summary>
/// Has the collection build a proximity graph of all records that it has now, and waits until searches can use it; answered with
/// <see cref="IndexStatus"/>, which says whether they can.
/// </summary>
/// <param name="MaximumMilliseconds">How long it waits, 0 to 60,000. The graph goes on being built after that.</param>
public sealed record WaitForIndex(int MaximumMilliseconds) : IWireMessage
{
    /// <summary>The longest wait of one message: ask again for more.</summary>
    public const int LongestMilliseconds = 60_000;

    /// <summary>Why there is no such wait, or null.</summary>
    internal Refusal? Check() => MaximumMilliseconds is >= 0 and <= LongestMilliseconds
        ? null
        : new Refusal(RefusalKind.InvalidArgument, $"the wait is {MaximumMilliseconds} ms; it must be in 0..{LongestMilliseconds}: ask again for more");
}
