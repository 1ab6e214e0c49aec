namespace Valori.Fuzz;

/// <summary>
/// Takes any bytes. Returns where they were decoded or refused in the declared way; everything else is an exception, and a find.
/// The signature is that of SharpFuzz's <c>Fuzzer.LibFuzzer.Run</c>.
/// </summary>
internal delegate void Attack(ReadOnlySpan<byte> input);

/// <summary>What inputs look like, and so how they are changed.</summary>
internal enum Syntax
{
    /// <summary>Fields of fixed and variable size, with lengths.</summary>
    Binary,

    /// <summary>Protobuf, behind so many other bytes as the target says.</summary>
    Protobuf,

    /// <summary>JSON, alone or in lines, or what carries it.</summary>
    Text,
}

/// <summary>Who allocates for a target.</summary>
internal enum Allocating
{
    /// <summary>The thread that attacks, alone: measured to the byte.</summary>
    OneThread,

    /// <summary>Other threads too: measured over the process, in steps of some KiB a thread.</summary>
    WholeProcess,
}

/// <summary>
/// Most bytes that may be allocated for one input: <c>Constant + Factor * length</c>. A decoder that believes a length field has
/// no such bound.
/// </summary>
internal readonly record struct AllocationBound(Allocating By, long Constant, long Factor)
{
    public long For(int inputLength) => Constant + Factor * inputLength;
}

/// <summary>Something that decodes what others wrote, and what it may do.</summary>
/// <param name="Name">As in <c>dotnet run -- name</c>.</param>
/// <param name="Corpus">Valid inputs, made by the real encoders; made when first asked for.</param>
/// <param name="Rounds">How many inputs a test tries.</param>
internal sealed record FuzzTarget(
    string Name, Attack Attack, Lazy<IReadOnlyList<byte[]>> Corpus, Syntax Syntax, AllocationBound Allocation, int Rounds)
{
    /// <summary>Offsets near which fields stand that decide about much: each is changed more often than chance would have it.</summary>
    public IReadOnlyList<int> HotOffsets { get; init; } = [];

    /// <summary>Bytes of an input in front of its syntax.</summary>
    public int HeadBytes { get; init; }

    /// <summary>Most time for one input, on a machine that is busy with other things too.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After so long without an answer the target is given up.</summary>
    public TimeSpan HangLimit { get; init; } = TimeSpan.FromSeconds(60);

    public override string ToString() => Name;
}
