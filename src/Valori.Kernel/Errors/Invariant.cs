using System.Runtime.CompilerServices;

namespace Valori;

/// <summary>
/// A promise that the code makes to itself, checked in production too: if it is broken, by a bug or by memory that changed,
/// the engine stops before it answers wrongly. For what costs a comparison or two.
/// </summary>
internal static class Invariant
{
    /// <param name="promise">The condition as it is written in the code: it becomes the message.</param>
    /// <exception cref="InvariantException">The condition does not hold.</exception>
    public static void Holds(bool condition, [CallerArgumentExpression(nameof(condition))] string promise = "", [CallerMemberName] string where = "")
    {
        if (!condition) throw new InvariantException($"broken in {where}: {promise}");
    }
}

/// <summary>A broken <see cref="Invariant"/>: nothing that the engine holds in memory can be trusted any more. What is on disk can.</summary>
public sealed class InvariantException(string message) : Exception(message);
