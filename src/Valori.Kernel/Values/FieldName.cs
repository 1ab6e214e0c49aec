using System.Text;
using System.Text.Unicode;

namespace Valori.Kernel.Values;

/// <summary>
/// The rules for a field's name (section 3 of docs/formats.md in Valori's repository): 1 to 256 bytes of UTF-8, segments between dots, none
/// of them empty, beginning with <c>$</c> or holding a control character.
/// </summary>
internal static class FieldName
{
    private const byte Dot = (byte)'.';
    private const byte Delete = 0x7F;
    private const int MaximumShownBytes = 64;

    // The control characters U+0080 to U+009F have two bytes: this one, and one up to the other.
    private const byte FirstOfC1 = 0xC2;
    private const byte LastOfC1 = 0x9F;

    /// <summary>What is wrong with the name, or null.</summary>
    public static string? Fault(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return "a field's name is empty";
        if (name.Length > Limits.MaximumFieldNameBytes)
            return $"the field's name {Shown(name)} has {name.Length} bytes; the maximum is {Limits.MaximumFieldNameBytes}";
        if (!Utf8.IsValid(name)) return $"the field's name {Shown(name)} is not UTF-8";
        int segments = 1, begin = 0;
        for (int i = 0; i <= name.Length; i++)
        {
            if (i < name.Length && name[i] != Dot)
            {
                if (IsControl(name, i)) return $"the field's name {Shown(name)} has a control character at byte {i}";
                continue;
            }
            if (i == begin) return $"the field's name {Shown(name)} has an empty segment: dots separate nested names";
            if (name[begin] == (byte)'$') return $"the field's name {Shown(name)} has a segment that begins with '$', which is reserved";
            if (i < name.Length) segments++;
            begin = i + 1;
        }
        return segments > Limits.MaximumFieldDepth
            ? $"the field's name {Shown(name)} is nested {segments} levels deep; the maximum is {Limits.MaximumFieldDepth}"
            : null;
    }

    /// <summary>What is wrong with a name that a C# program wrote, or null.</summary>
    public static string? Fault(string name) => FieldValue.LoneSurrogate(name) is { } at
        ? $"the field's name has half of a surrogate pair at {at}, which is not text"
        : Fault(Encoding.UTF8.GetBytes(name));

    /// <summary>The bytes of a name that a C# program wrote.</summary>
    /// <exception cref="ArgumentException">It is not a field's name.</exception>
    public static byte[] Utf8Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Fault(name) is { } fault ? throw new ArgumentException(fault, nameof(name)) : Encoding.UTF8.GetBytes(name);
    }

    /// <summary>As errors show it: in quotes, and not longer than a line.</summary>
    public static string Shown(ReadOnlySpan<byte> name)
    {
        string text = Encoding.UTF8.GetString(name[..Math.Min(name.Length, MaximumShownBytes)]);
        return $"'{string.Concat(text.Select(c => char.IsControl(c) ? "\uFFFD" : c.ToString()))}{(name.Length > MaximumShownBytes ? "..." : "")}'";
    }

    private static bool IsControl(ReadOnlySpan<byte> name, int at) =>
        name[at] is < (byte)' ' or Delete || (name[at] == FirstOfC1 && at + 1 < name.Length && name[at + 1] <= LastOfC1);
}
