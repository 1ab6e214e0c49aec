namespace Valori.Fuzz;

/// <summary>
/// Whether the last input was taken as valid. The harness counts: where nothing is taken, inputs are too far from valid ones
/// to reach anything after the first check; if everything is, they are too near.
/// </summary>
internal static class Verdict
{
    // One input is tried at a time, by whatever threads its target has.
    private static int s_wasAccepted;

    public static void Accepted() => Volatile.Write(ref s_wasAccepted, 1);

    public static bool TakeAccepted() => Interlocked.Exchange(ref s_wasAccepted, 0) != 0;
}

/// <summary>A decoder took bytes that it should not have taken, or an answer is not what was promised.</summary>
internal sealed class BrokenPromiseException(string message, Exception? inner = null) : Exception(message, inner)
{
    public static void ThrowIf(bool isBroken, string message)
    {
        if (isBroken) throw new BrokenPromiseException(message);
    }
}
