using System.Runtime.Serialization;

namespace Valori.Actors.Serialization;

/// <summary>
/// Some messages of Akka carry another one, of any serializer. Each is read on the stack of the one around it, with a copy of its bytes,
/// so a peer's message of 120 kB could end the process: a stack overflow cannot be caught.
/// </summary>
internal static class Nesting
{
    // Finding an actor needs three: a selection, the Identify in it, and its number.
    private const int Deepest = 8;

    [ThreadStatic]
    private static int s_depth;

    /// <summary>Reads a message that may carry another one.</summary>
    /// <exception cref="SerializationException">It is carried by too many others.</exception>
    public static T Read<T>(Func<T> read)
    {
        if (s_depth == Deepest) throw new SerializationException($"the message is nested in {Deepest} others, which is the limit");
        s_depth++;
        try
        {
            return read();
        }
        finally
        {
            s_depth--;
        }
    }
}
