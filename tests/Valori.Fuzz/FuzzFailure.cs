using System.Globalization;
using System.Text;

namespace Valori.Fuzz;

/// <summary>What a target may not do.</summary>
internal enum FuzzFailureKind
{
    /// <summary>Threw something that it does not declare.</summary>
    UndeclaredException,

    /// <summary>Allocated more than its bound.</summary>
    Allocation,

    /// <summary>Took longer than its limit, but ended.</summary>
    Slow,

    /// <summary>Did not end.</summary>
    Hang,

    /// <summary>Accepted nothing at all in a whole run.</summary>
    NothingAccepted,
}

/// <summary>A find, with everything that is needed to see it again.</summary>
internal sealed class FuzzFailure(
    FuzzTarget target, FuzzFailureKind kind, long seed, long round, byte[] input, byte[] shrunk, string reason, Exception? inner)
    : Exception(Describe(target, kind, seed, round, input, shrunk, reason), inner)
{
    private const int MostBytesShown = 4096;

    public FuzzFailureKind Kind { get; } = kind;

    public byte[] Input { get; } = input;

    /// <summary>A part of the input that fails in the same way.</summary>
    public byte[] Shrunk { get; } = shrunk;

    private static string Describe(FuzzTarget target, FuzzFailureKind kind, long seed, long round, byte[] input, byte[] shrunk, string reason)
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"target {target.Name}, seed {seed}, round {round}: {kind}: {reason}");
        text.AppendLine(CultureInfo.InvariantCulture, $"shrunk to {shrunk.Length} bytes: {Shown(shrunk)}");
        text.Append(CultureInfo.InvariantCulture, $"of {input.Length} bytes: {Shown(input)}");
        return text.ToString();
    }

    private static string Shown(byte[] bytes) => bytes.Length <= MostBytesShown
        ? $"base64 {Convert.ToBase64String(bytes)}"
        : $"base64 of the first {MostBytesShown} {Convert.ToBase64String(bytes.AsSpan(0, MostBytesShown))}";
}
