namespace Valori.Fuzz;

/// <summary>
/// Makes inputs of a target's corpus: the valid ones themselves in the first rounds, then changed ones. A round's input is a
/// function of corpus, seed and round, so that each can be made again without those before it.
/// </summary>
internal sealed class Mutator(FuzzTarget target)
{
    /// <summary>No input grows beyond this, however often its pieces are doubled.</summary>
    public const int MaximumBytes = 1 << 20;

    private readonly IReadOnlyList<byte[]> _corpus = target.Corpus.Value;
    private readonly TextMutations? _text = target.Syntax == Syntax.Text ? new TextMutations(target.Corpus.Value) : null;

    public byte[] Make(long seed, long round)
    {
        if (round < _corpus.Count) return [.. _corpus[(int)round]];
        Random random = new(Mix(seed, round));
        byte[] input = Pick(random);
        // Mostly one or two changes, so that what comes after the first check is reached, now and then many.
        int changes = 1;
        while (changes < 12 && random.Next(5) < 2) changes++;
        BinaryMutations binary = new(random, target.HotOffsets);
        for (; changes > 0; changes--)
        {
            input = Change(random, binary, input, Pick(random));
            if (input.Length > MaximumBytes) input = input[..MaximumBytes];
        }
        return input;
    }

    private byte[] Change(Random random, BinaryMutations binary, byte[] input, byte[] other)
    {
        // Now and then bytes are only bytes, whatever they stand for.
        if (random.Next(4) == 0 || input.Length < target.HeadBytes) return binary.Change(input, other);
        return target.Syntax switch
        {
            Syntax.Text => _text!.Change(random, input, other),
            Syntax.Protobuf => [.. input[..target.HeadBytes], .. new ProtobufMutations(random, binary).Change(input[target.HeadBytes..], other)],
            _ => binary.Change(input, other),
        };
    }

    private byte[] Pick(Random random) => _corpus[random.Next(_corpus.Count)];

    private static int Mix(long seed, long round)
    {
        ulong mixed = unchecked((ulong)seed * 0x9E37_79B9_7F4A_7C15 + (ulong)round * 0xBF58_476D_1CE4_E5B9);
        mixed = unchecked((mixed ^ mixed >> 31) * 0x94D0_49BB_1331_11EB);
        return (int)(mixed >> 32);
    }
}
