using System.Buffers.Binary;

namespace Valori.Fuzz.Targets;

/// <summary>
/// Decoders with the mistakes that the others must not have: what shows that the harness sees them. Not among
/// <see cref="FuzzTargets.All"/>; a run of one fails.
/// </summary>
internal static class DefectiveTargets
{
    private const int HeadBytes = 4;

    // Beyond this the toy has a limit too, so that nobody's machine runs out of memory.
    private const int MostBytes = 64 << 20;

    private static readonly Lazy<IReadOnlyList<byte[]>> Corpus = new(() => [[3, 0, 0, 0, 1, 2, 3], [0, 0, 0, 0]]);

    private static readonly AllocationBound Allocation = new(Allocating.OneThread, 16 << 10, 16);

    /// <summary>Makes room for as many bytes as the length field says, and looks afterwards whether they are there.</summary>
    public static readonly FuzzTarget TrustsLength = New("defective-length", input =>
    {
        int length = input.Length < HeadBytes ? 0 : BinaryPrimitives.ReadInt32LittleEndian(input);
        if (length is < 0 or > MostBytes) return;
        byte[] content = new byte[length];
        if (input.Length == HeadBytes + length) input[HeadBytes..].CopyTo(content);
        if (input.Length == HeadBytes + length) Verdict.Accepted();
    });

    /// <summary>Reads behind the end, and throws what it never said that it would.</summary>
    public static readonly FuzzTarget ThrowsAnything = New("defective-exception", input =>
    {
        int length = input.Length < HeadBytes ? 0 : BinaryPrimitives.ReadInt32LittleEndian(input);
        if (length is <= 0 or > 1000) return;
        _ = input[HeadBytes + length - 1];
        Verdict.Accepted();
    });

    /// <summary>Counts down from a number of the input's, one by one.</summary>
    public static readonly FuzzTarget NeverEnds = New("defective-loop", input =>
    {
        Verdict.Accepted();
        uint count = input.Length < HeadBytes ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(input);
        if (count > int.MaxValue) Thread.Sleep(Timeout.Infinite);
    }) with
    { HangLimit = TimeSpan.FromSeconds(1) };

    /// <summary>Takes a second for an input that begins with a certain byte.</summary>
    public static readonly FuzzTarget Dawdles = New("defective-time", input =>
    {
        Verdict.Accepted();
        if (input is [0x80, ..]) Thread.Sleep(400);
    }) with
    { TimeLimit = TimeSpan.FromMilliseconds(300) };

    /// <summary>Takes whatever comes, though its format says that a changed byte is found.</summary>
    public static readonly FuzzTarget BelievesAnything = New("defective-check", input =>
    {
        BrokenPromiseException.ThrowIf(input is [3, 0, 0, 0, ..] and not [3, 0, 0, 0, 1, 2, 3], "changed bytes were taken");
        Verdict.Accepted();
    });

    /// <summary>Refuses everything, so that nothing after its first check is ever tried.</summary>
    public static readonly FuzzTarget RefusesEverything = New("defective-refusal", _ => { });

    public static readonly IReadOnlyList<FuzzTarget> All = [TrustsLength, ThrowsAnything, NeverEnds, Dawdles, BelievesAnything, RefusesEverything];

    private static FuzzTarget New(string name, Attack attack) => new(name, attack, Corpus, Syntax.Binary, Allocation, Rounds: 5_000);
}
