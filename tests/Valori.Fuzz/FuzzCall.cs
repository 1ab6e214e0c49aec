using System.Diagnostics;

namespace Valori.Fuzz;

/// <summary>What a target did with one input.</summary>
internal sealed record FuzzCall(FuzzFailureKind? Fault, string? Reason, Exception? Exception, bool WasAccepted, long Allocated, TimeSpan Elapsed)
{
    public static FuzzCall Make(FuzzTarget target, byte[] input)
    {
        Exception? exception = null;
        Verdict.TakeAccepted();
        long start = Stopwatch.GetTimestamp(), before = AllocatedSoFar(target);
        try
        {
            target.Attack(input);
        }
        catch (Exception e)
        {
            exception = e;
        }
        long allocated = AllocatedSoFar(target) - before, bound = target.Allocation.For(input.Length);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        (FuzzFailureKind? fault, string? reason) = exception is not null ? (FuzzFailureKind.UndeclaredException, exception.ToString())
            : allocated > bound ? (FuzzFailureKind.Allocation, $"{allocated} bytes allocated for {input.Length}, where {bound} may be")
            : elapsed > target.TimeLimit ? (FuzzFailureKind.Slow, $"{elapsed} for {input.Length} bytes")
            : ((FuzzFailureKind?)null, (string?)null);
        return new FuzzCall(fault, reason, exception, Verdict.TakeAccepted(), allocated, elapsed);
    }

    /// <summary>Whether this is the same find, in another input.</summary>
    public bool FailsLike(FuzzCall other) => Fault == other.Fault && Exception?.GetType() == other.Exception?.GetType();

    private static long AllocatedSoFar(FuzzTarget target) => target.Allocation.By == Allocating.OneThread
        ? GC.GetAllocatedBytesForCurrentThread()
        : GC.GetTotalAllocatedBytes();
}
