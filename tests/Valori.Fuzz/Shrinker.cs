using System.Diagnostics;

namespace Valori.Fuzz;

/// <summary>Takes pieces away as long as an input fails in the same way: halves first, single bytes last.</summary>
internal static class Shrinker
{
    public static byte[] Shrink(byte[] input, TimeSpan limit, Predicate<byte[]> stillFails)
    {
        long start = Stopwatch.GetTimestamp();
        for (int piece = input.Length / 2; piece > 0; piece /= 2)
        {
            for (int at = 0; at + piece <= input.Length && Stopwatch.GetElapsedTime(start) < limit;)
            {
                byte[] candidate = [.. input.AsSpan(0, at), .. input.AsSpan(at + piece)];
                if (stillFails(candidate)) input = candidate;
                else at += piece;
            }
        }
        return input;
    }
}
