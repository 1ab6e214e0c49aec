namespace Valori.Fuzz.Targets;

/// <summary>
/// Canonical fields (docs/formats.md, section 3), as journals, snapshots and peers bring them. Declared: <see cref="FormatException"/>.
/// What is read has no other bytes.
/// </summary>
internal static class FieldsTarget
{
    // Constant: a message of an exception with its stack. Factor: a bool of one byte is an entry of three lists.
    public static readonly FuzzTarget Target = new(
        "fields", Attack, new Lazy<IReadOnlyList<byte[]>>(Corpus), Syntax.Binary, new AllocationBound(Allocating.OneThread, 128 << 10, 200), Rounds: 30_000);

    public static void Attack(ReadOnlySpan<byte> input)
    {
        Fields fields;
        try
        {
            fields = Fields.Read(input);
        }
        catch (FormatException)
        {
            return;
        }
        BrokenPromiseException.ThrowIf(!new FieldsBuilder(fields).Build().Canonical.Span.SequenceEqual(input), "fields have two forms");
        Verdict.Accepted();
    }

    private static List<byte[]> Corpus()
    {
        Random random = new(5);
        return [.. Enumerable.Range(0, 24).Select(_ => RandomFields.Build(random).Canonical.ToArray())];
    }
}
