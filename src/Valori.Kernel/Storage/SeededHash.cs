using System.Runtime.InteropServices;

namespace Valori.Kernel.Storage;

/// <summary>
/// Hashes of what users choose: .NET's hash of strings, which is another one in every process. Texts cannot be chosen so that they meet in one
/// place, and no answer depends on it.
/// </summary>
internal static class SeededHash
{
    public static int Of(ReadOnlySpan<byte> bytes)
    {
        int hash = string.GetHashCode(MemoryMarshal.Cast<byte, char>(bytes));
        return bytes.Length % 2 == 0 ? hash : HashCode.Combine(hash, bytes[^1]);
    }
}
