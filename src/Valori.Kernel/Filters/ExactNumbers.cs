namespace Valori.Kernel.Filters;

/// <summary>Compares an int64 with a float64 by their exact values: 2^53 + 1 is not the float64 2^53.</summary>
internal static class ExactNumbers
{
    // 2^63: no int64 reaches it, and -2^63 is the smallest.
    private const double Beyond = 9223372036854775808.0;

    /// <returns>Negative if the whole number is smaller, 0 if they are equal.</returns>
    public static int Compare(long whole, double number)
    {
        if (number >= Beyond) return -1;
        if (number < -Beyond) return 1;
        // Exact: it fits, and what is cut off decides only between equal whole parts.
        long truncated = (long)number;
        return whole != truncated ? whole.CompareTo(truncated) : -(number - truncated).CompareTo(0.0);
    }
}
