using Valori.Protocol;

namespace Valori.Kernel.Tests.Attributes;

/// <summary>Fields are changed without the vector, records are deleted by their keys, and the past stays.</summary>
public sealed class SetFieldsTests
{
    private static readonly RecordKey Key = "k";

    [Fact]
    public void Merge_sets_what_it_names_replace_sets_all_and_remove_takes_what_is_below_a_name_too()
    {
        ValoriKernel kernel = WithRecord(new FieldsBuilder { ["a"] = 1, ["b.c"] = 2, ["b.d"] = 3, ["bc"] = 4 }.Build());
        kernel.Apply(SetFields.Merge(Key, new FieldsBuilder { ["a"] = "one", ["e"] = true }.Build()));
        Assert.Equal("a, b.c, b.d, bc, e", NamesOf(kernel));
        Assert.Equal("one", kernel.TakeView().GetRecord(Key).Value!.Fields["a"].AsString());
        kernel.Apply(SetFields.Remove(new RecordId(0), "b", "e", "not there"));
        Assert.Equal("a, bc", NamesOf(kernel));
        kernel.Apply(SetFields.Replace(Key, new FieldsBuilder { ["z"] = 1 }.Build()));
        Assert.Equal("z", NamesOf(kernel));
        kernel.Apply(SetFields.Replace(Key, Fields.Empty));
        Assert.Equal("", NamesOf(kernel));
        RecordContent content = kernel.TakeView().GetRecord(Key).Value!;
        Assert.Equal((5UL, 17L), (content.Tag, content.ExpiresAtUnixMicroseconds));
        Assert.Equal([9], content.Metadata!.Value.ToArray());
    }

    public static TheoryData<SetFields, string> Refused => new()
    {
        { SetFields.Merge((RecordKey)"j", Fields.Empty), "no record has the key 'j'" },
        { SetFields.Merge(new RecordId(4), Fields.Empty), "record 4 does not exist" },
        { SetFields.Merge(Key, new FieldsBuilder { ["a.b"] = 1 }.Build()), "the fields 'a' and 'a.b' exclude each other: a field is a value, or it has fields below it" },
        { SetFields.Merge(Key, new FieldsBuilder { ["b"] = new string('x', 65_000) }.Build()), "the fields have 66018 bytes in canonical form; the maximum is 65536" },
        { SetFields.Remove(Key), "no field to remove is named: give at least one field name" },
        { SetFields.Remove(Key, "a", "a"), "the field 'a' appears twice" },
        { SetFields.Remove(Key, "$a"), "the field's name '$a' has a segment that begins with '$', which is reserved" },
        { SetFields.Remove(Key, "a\uD800"), "the field's name has half of a surrogate pair at 1, which is not text" },
        { new SetFields(Key, FieldsMode.Merge, Fields.Empty, ["a"]), "names of fields to remove are given, and the mode is Merge: leave the names out, or use the mode Remove" },
        { new SetFields(Key, FieldsMode.Remove, new FieldsBuilder { ["a"] = 1 }.Build(), ["a"]), "fields are removed by their names, and values are given too: leave the values out" },
        { new SetFields(Key, (FieldsMode)4, Fields.Empty, []), "the mode is 4; it must be merge (1), replace (2) or remove (3)" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_change_that_cannot_be_is_refused_with_its_reason(SetFields command, string message)
    {
        ValoriKernel kernel = WithRecord(new FieldsBuilder { ["a"] = new string('y', 1_000) }.Build());
        Digest before = kernel.StateHash;
        Assert.Equal(message, kernel.Decide(command).Refusal!.Message);
        Assert.Equal(before, kernel.StateHash);
    }

    [Fact]
    public void Every_version_of_the_fields_is_read_and_proven_as_of_its_time()
    {
        ValoriKernel kernel = WithRecord(Fields.Empty);
        List<(ulong Version, Digest StateHash)> versions = [];
        for (int i = 0; i < 3_000; i++)
        {
            kernel.Apply(SetFields.Merge(Key, new FieldsBuilder { ["n"] = i }.Build()));
            versions.Add((kernel.Mark(), kernel.StateHash));
        }
        View newest = kernel.TakeView();
        for (int i = 0; i < versions.Count; i += 7)
        {
            View then = newest.AsOf(versions[i].Version);
            Assert.Equal(i, then.GetRecord(Key).Value!.Fields["n"].AsInt64());
            ProvenRecord proven = (ProvenRecord)ProofVerifier.VerifyInclusion(then.Prove(new RecordId(0)).Value!.ToBytes(), versions[i].StateHash).Value!;
            Assert.Equal(i, proven.Content!.Fields["n"].AsInt64());
        }
    }

    [Fact]
    public void A_plain_record_gets_fields_and_without_them_is_plain_again()
    {
        ValoriKernel kernel = new(1);
        kernel.Apply(new InsertRecords(Golden.Block(1, 1), new ulong[1]));
        Digest plain = kernel.StateHash;
        View before = kernel.TakeView();
        kernel.Apply(SetFields.Merge(new RecordId(0), new FieldsBuilder { ["a"] = 1 }.Build()));
        Assert.NotEqual(plain, kernel.StateHash);
        View between = kernel.TakeView();
        kernel.Apply(SetFields.Remove(new RecordId(0), "a"));
        Assert.Equal(plain, kernel.StateHash);
        Assert.Equal([0UL, 1, 0], new[] { before, between, kernel.TakeView() }.Select(view => view.AttributedCount));
        Assert.True(before.GetRecord(new RecordId(0)).Value!.Fields.IsEmpty);
        Assert.Single(between.GetRecord(new RecordId(0)).Value!.Fields);
    }

    [Fact]
    public void A_record_is_deleted_by_its_key_which_is_free_again()
    {
        ValoriKernel kernel = WithRecord(Fields.Empty);
        Assert.Equal(new KeyDeleted(new RecordId(0), Key), kernel.Decide(new DeleteKey(Key)).Value);
        kernel.Apply(new DeleteKey(Key));
        Assert.Equal("record 0 was deleted", kernel.TakeView().GetRecord(new RecordId(0)).Refusal!.Message);
        Assert.Equal("no record has the key 'k'", kernel.Decide(new DeleteKey(Key)).Refusal!.Message);
        kernel.Apply(new PutRecords(Golden.Block(1, 1), new ulong[1], [new RecordAttributes { Key = Key }]));
        Assert.Equal(new RecordId(1), kernel.TakeView().Find(Key, out _));
        // An event of another record than the key's cannot be the next one.
        Assert.Throws<ArgumentException>(() => kernel.Apply(new KeyDeleted(new RecordId(0), Key)));
        Assert.Throws<ArgumentException>(() => kernel.Apply(new FieldsSet(new RecordId(0), Key, FieldsMode.Replace, Fields.Empty, [])));
    }

    private static ValoriKernel WithRecord(Fields fields)
    {
        ValoriKernel kernel = new(1);
        kernel.Apply(new PutRecords(Golden.Block(1, 1), new ulong[] { 5 }, [new RecordAttributes { Key = Key, Fields = fields, Metadata = new byte[] { 9 }, ExpiresAtUnixMicroseconds = 17 }]));
        return kernel;
    }

    private static string NamesOf(ValoriKernel kernel) => string.Join(", ", kernel.TakeView().GetRecord(Key).Value!.Fields.Keys);
}
