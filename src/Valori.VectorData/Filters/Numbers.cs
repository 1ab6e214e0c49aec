namespace Valori.VectorData.Filters;

/// <summary>Conversions of numbers that C# makes before it compares: which of them keep every value, and which keep at least the order.</summary>
internal static class Numbers
{
    // Smallest first. An unsigned type holds half of what the next larger signed one does.
    private static readonly Type[] Signed = [typeof(sbyte), typeof(short), typeof(int), typeof(long)];
    private static readonly Type[] Unsigned = [typeof(byte), typeof(ushort), typeof(uint), typeof(ulong)];

    /// <summary>Whether every value of a type is the same number in the other one.</summary>
    public static bool AreKept(Type from, Type to)
    {
        if (from == to) return true;
        if (to == typeof(decimal)) return IsInteger(from);
        if (to == typeof(double)) return from == typeof(float) || (IsInteger(from) && from != typeof(long) && from != typeof(ulong));
        if (to == typeof(float)) return from == typeof(sbyte) || from == typeof(byte) || from == typeof(short) || from == typeof(ushort);
        int signed = Array.IndexOf(Signed, from), unsigned = Array.IndexOf(Unsigned, from);
        if (signed >= 0) return Array.IndexOf(Signed, to) > signed;
        return unsigned >= 0 && (Array.IndexOf(Unsigned, to) > unsigned || Array.IndexOf(Signed, to) > unsigned);
    }

    /// <summary>Whether an integer becomes a floating-point number, which may round it.</summary>
    public static bool AreRounded(Type from, Type to) => IsInteger(from) && (to == typeof(float) || to == typeof(double));

    private static bool IsInteger(Type type) => Signed.Contains(type) || Unsigned.Contains(type);
}
