using System.Globalization;

namespace Valori.Host.Tests.Support;

/// <summary>
/// How often the crash tests kill, and from which seed. A round costs the start of a process, two seconds of a core where
/// nothing is compiled ahead; VALORI_CRASH_ROUNDS and VALORI_CRASH_SEED ask for more of them, and for others.
/// </summary>
internal static class CrashRounds
{
    public static int Count(int usual) => Number("VALORI_CRASH_ROUNDS", usual);

    public static int Seed { get; } = Number("VALORI_CRASH_SEED", 20261126);

    private static int Number(string variable, int usual) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
