using System.Text;
using Valori.Kernel.Values;
using Xunit.Abstractions;

namespace Valori.Kernel.Tests.Values;

public sealed class FieldsTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Morning = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_null_is_refused_with_the_name_of_its_field()
    {
        string? nothing = null;
        Assert.StartsWith("the field 'user' is null: leave out what has no value. To remove a field, use RemoveFieldsAsync", Assert.Throws<ArgumentNullException>(() => new FieldsBuilder { ["user"] = nothing! }).Message, StringComparison.Ordinal);
        Assert.StartsWith("the field 'user' is null", Assert.Throws<ArgumentNullException>(() => new FieldsBuilder { { "user", nothing! } }).Message, StringComparison.Ordinal);
        Assert.StartsWith("element 1 is null", Assert.Throws<ArgumentNullException>(() => new FieldsBuilder { ["topics"] = new[] { "tea", nothing! } }).Message, StringComparison.Ordinal);
        Assert.StartsWith("'user' is compared with null", Assert.Throws<ArgumentNullException>(() => Filter.Eq("user", nothing!)).Message, StringComparison.Ordinal);
        Assert.StartsWith("'user' is compared with null", Assert.Throws<ArgumentNullException>(() => Filter.In("user", "ada", nothing!)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_are_the_canonical_bytes_of_the_formats()
    {
        Fields fields = new FieldsBuilder
        {
            ["user"] = "ada",
            ["n"] = 7,
            ["at"] = Morning,
            ["ok"] = true,
            ["score.mean"] = 0.5,
            ["topics"] = new[] { "tea", "" },
            ["none"] = Array.Empty<string>(),
            ["ids"] = new long[] { -1 },
        }.Build();

        // Written by hand from docs/formats.md, section 3. If this changes, every hash of a record with fields does.
        Assert.Equal(
            "0800"
            + "02006174" + "05" + "0040204648470600"
            + "0300696473" + "12" + "01000000" + "FFFFFFFFFFFFFFFF"
            + "01006E" + "02" + "0700000000000000"
            + "04006E6F6E65" + "10"
            + "02006F6B" + "01" + "01"
            + "0A0073636F72652E6D65616E" + "03" + "000000000000E03F"
            + "0600746F70696373" + "14" + "02000000" + "03000000746561" + "00000000"
            + "040075736572" + "04" + "03000000616461",
            Convert.ToHexString(fields.Canonical.Span));
        Assert.Equal(fields, Fields.Read(fields.Canonical.Span));
        Assert.Equal(["at", "ids", "n", "none", "ok", "score.mean", "topics", "user"], fields.Keys);
        Assert.Equal(Morning, fields["at"].AsTimestamp());
        Assert.Equal(0.5, fields["score.mean"].AsFloat64());
        Assert.Equal(["tea", ""], fields["topics"].Elements.Select(element => element.AsString()));
        Assert.Empty(fields["none"].Elements);
        Assert.False(fields.ContainsKey("score"));
    }

    [Fact]
    public void No_fields_are_two_zero_bytes()
    {
        Assert.Equal([0, 0], Fields.Empty.Canonical.ToArray());
        Assert.Same(Fields.Empty, new FieldsBuilder().Build());
        Assert.Same(Fields.Empty, Fields.Read([0, 0]));
        Assert.True(Fields.Empty.IsEmpty);
        Assert.Empty(Fields.Empty);
    }

    [Fact]
    public void Every_value_of_random_fields_is_read_back_and_equals_an_independent_encoding()
    {
        const int seed = 20_261_128;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (int round = 0; round < 2_000; round++)
        {
            List<KeyValuePair<string, FieldValue>> values = RandomFields.Pairs(random);
            FieldsBuilder builder = [];
            foreach ((string name, FieldValue value) in values.OrderBy(_ => random.Next())) builder.Add(name, value);
            Fields fields = builder.Build();

            Assert.Equal(Convert.ToHexString(NaiveFields.Encode(values)), Convert.ToHexString(fields.Canonical.Span));
            Assert.Equal(fields, Fields.Read(fields.Canonical.Span));
            Assert.Equal(values.OrderBy(value => Convert.ToHexString(Encoding.UTF8.GetBytes(value.Key)), StringComparer.Ordinal), fields);
            foreach ((string name, FieldValue value) in values) Assert.Equal(value, fields[name]);
            Assert.False(fields.TryGetValue("not there", out _));
        }
    }

    [Fact]
    public void Whatever_byte_is_changed_it_is_refused_or_the_canonical_form_of_other_fields()
    {
        byte[] bytes = RandomFields.Build(new Random(3)).Canonical.ToArray();
        int accepted = 0;
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] changed = [.. bytes];
            changed[bit / 8] ^= (byte)(1 << bit % 8);
            try
            {
                Fields read = Fields.Read(changed);
                Assert.Equal(changed, new FieldsBuilder(read).Build().Canonical.ToArray());
                accepted++;
            }
            catch (FormatException)
            {
            }
        }
        Assert.InRange(accepted, 1, bytes.Length * 8 - 1);
        for (int length = 0; length < bytes.Length; length++) Assert.Throws<FormatException>(() => Fields.Read(bytes.AsSpan(0, length)));
        Assert.Throws<FormatException>(() => Fields.Read([.. bytes, 0]));
    }

    [Theory]
    [InlineData("", "the fields end at byte 0, inside the number of fields")]
    [InlineData("0104", "there are 1025 fields; the maximum is 1024")]
    [InlineData("0100", "the fields end at byte 2, inside a field's name")]
    [InlineData("01000100", "the fields end at byte 4, inside a field's name")]
    [InlineData("010000000101", "a field's name is empty")]
    [InlineData("0100010061", "the fields end at byte 5, inside the type of 'a'")]
    [InlineData("01000100610000", "the field 'a' has the unknown type 0")]
    [InlineData("01000100610600", "the field 'a' has the unknown type 6")]
    [InlineData("01000100610F", "the field 'a' has the unknown type 15")]
    [InlineData("010001006116", "the field 'a' has the unknown type 22")]
    [InlineData("010001006101", "a bool of 'a' is cut off")]
    [InlineData("01000100610102", "a bool of 'a' is 2, neither 0 nor 1")]
    [InlineData("01000100610207000000000000", "an int64 of 'a' is cut off")]
    [InlineData("010001006103000000000000F07F", "is not finite")]
    [InlineData("010001006103000000000000F87F", "is not finite")]
    [InlineData("0100010061030000000000000080", "is -0, which is stored as 0")]
    [InlineData("01000100610401000000C3", "is not UTF-8")]
    [InlineData("010001006104FFFFFFFF", "a string of 'a' is cut off")]
    [InlineData("010001006105FFFFFFFFFFFFFF7F", "9223372036854775807 microseconds since 1970, which is not in the years 1 to 9999")]
    [InlineData("01000100611200000000", "the array 'a' has a type and no elements")]
    [InlineData("010001006111FFFFFFFF0101", "a bool of 'a' is cut off")]
    [InlineData("01000100610101FF", "1 bytes follow the last field")]
    [InlineData("0200010061010101006101 01", "the field 'a' appears twice")]
    [InlineData("0200010062010101006101 01", "the field 'a' follows 'b'")]
    [InlineData("020002006161010101006101 01", "the field 'a' follows 'aa'")]
    [InlineData("0200010061010103 00612E62 0101", "the fields 'a' and 'a.b' exclude each other")]
    [InlineData("0300010061010102 006121 0101 0300 612E62 0101", "the fields 'a' and 'a.b' exclude each other")]
    [InlineData("01000300612E2E 0101", "has an empty segment")]
    [InlineData("01000200 2E61 0101", "has an empty segment")]
    [InlineData("01000200 612E 0101", "has an empty segment")]
    [InlineData("01000200 2461 0101", "has a segment that begins with '$'")]
    [InlineData("01000400 612E2462 0101", "has a segment that begins with '$'")]
    [InlineData("01000200 610A 0101", "has a control character at byte 1")]
    [InlineData("01000300 61C285 0101", "has a control character at byte 1")]
    [InlineData("01000100 C3 0101", "is not UTF-8")]
    public void Bytes_that_are_not_canonical_are_refused_with_the_reason(string hex, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => Fields.Read(Convert.FromHexString(hex.Replace(" ", "")))).Message);

    [Fact]
    public void Limits_are_refused_with_their_value_and_what_is_at_them_is_taken()
    {
        string longest = new('n', Limits.MaximumFieldNameBytes);
        string deepest = string.Join('.', Enumerable.Repeat("d", Limits.MaximumFieldDepth));
        FieldsBuilder most = new() { [longest] = 1, [deepest] = 2, ["a b"] = 3, ["\u00E9\u2603"] = 4 };
        Assert.Equal(4, Fields.Read(most.Build().Canonical.Span).Count);
        AssertRefused(() => new FieldsBuilder { [longest + "n"] = 1 }, "has 257 bytes; the maximum is 256");
        AssertRefused(() => new FieldsBuilder { [deepest + ".d"] = 1 }, "is nested 17 levels deep; the maximum is 16");
        AssertRefused(() => new FieldsBuilder { ["\uD800"] = 1 }, "half of a surrogate pair");
        AssertRefused(() => new FieldsBuilder { { "a", 1 }, { "a", 2 } }, "the field 'a' is already set");

        FieldsBuilder many = [];
        for (int i = 0; i < Limits.MaximumFields; i++) many.Add($"f{i}", i);
        Assert.Equal(Limits.MaximumFields, many.Build().Count);
        many.Add("one more", 1);
        AssertRefused(() => many.Build(), "there are 1025 fields; the maximum is 1024");

        // The count, the name and its length, the type and the length of the string.
        int room = Limits.MaximumFieldsBytes - 2 - 3 - 5;
        Assert.Equal(Limits.MaximumFieldsBytes, new FieldsBuilder { ["s"] = new string('x', room) }.Build().Canonical.Length);
        AssertRefused(() => new FieldsBuilder { ["s"] = new string('x', room + 1) }.Build(), "have 65537 bytes in canonical form; the maximum is 65536");
    }

    [Theory]
    [InlineData("a", "a.b")]
    [InlineData("a.b", "a.b.c.d")]
    public void A_field_is_a_value_or_has_fields_below_it(string parent, string child)
    {
        FieldsBuilder builder = new() { [child] = 1, [parent] = 2, [parent + "!"] = 3, [parent + "x"] = 4 };
        AssertRefused(() => builder.Build(), $"the fields '{parent}' and '{child}' exclude each other");
        Assert.True(builder.Remove(parent));
        Assert.Equal(3, builder.Build().Count);
    }

    [Fact]
    public void A_value_is_what_its_type_allows()
    {
        AssertRefused(() => FieldValue.Array([1, 1.5]), "element 1 is a float64 and element 0 is an int64");
        AssertRefused(() => FieldValue.Array([new[] { 1 }]), "element 0 is an array");
        AssertRefused(() => _ = (FieldValue)double.NaN, "NaN");
        AssertRefused(() => _ = (FieldValue)double.NegativeInfinity, "must be finite");
        AssertRefused(() => _ = (FieldValue)ulong.MaxValue, "18446744073709551615 does not fit an int64");
        AssertRefused(() => _ = (FieldValue)"a\uDC00", "half of a surrogate pair at 1");
        AssertRefused(() => FieldValue.Timestamp(long.MinValue), "not in the years 1 to 9999");
        Assert.Equal(0L, BitConverter.DoubleToInt64Bits(((FieldValue)(-0.0)).AsFloat64()));
        Assert.Contains("the value is an int64, not a string", Assert.Throws<InvalidOperationException>(() => ((FieldValue)1).AsString()).Message);
        Assert.NotEqual((FieldValue)1, (FieldValue)1.0);
        Assert.All([(byte)1, (short)1, (ushort)1, 1u, 1L, 1UL], (FieldValue one) => Assert.Equal(1, one));
        Assert.Equal((FieldValue)DateTimeOffset.MinValue, FieldValue.Timestamp(-62_135_596_800_000_000));
        Assert.Equal((FieldValue)DateTimeOffset.MaxValue, FieldValue.Timestamp(253_402_300_799_999_999));
        Assert.Equal((FieldValue)Morning.AddTicks(9), (FieldValue)Morning);
        Assert.Equal((FieldValue)DateTimeOffset.UnixEpoch.AddTicks(-1), FieldValue.Timestamp(-1));
    }

    [Fact]
    public void Fields_are_merged_and_removed_by_name()
    {
        Fields old = new FieldsBuilder { ["a"] = 1, ["b.c"] = 2, ["b.d"] = 3 }.Build();
        Fields changed = old.With(new FieldsBuilder { ["a"] = "one", ["e"] = true }.Build()).Value!;
        Assert.Equal(new FieldsBuilder { ["a"] = "one", ["b.c"] = 2, ["b.d"] = 3, ["e"] = true }.Build(), changed);
        Assert.Equal(new FieldsBuilder { ["b.d"] = 3 }.Build(), old.Without(new RemovedNames(["x", "a", "b.c"])));
        Assert.Same(Fields.Empty, old.Without(new RemovedNames([.. old.Keys])));
        Refusal refusal = old.With(new FieldsBuilder { ["b"] = 1 }.Build()).Refusal!;
        Assert.Equal(RefusalKind.InvalidArgument, refusal.Kind);
        Assert.Contains("the fields 'b' and 'b.c' exclude each other", refusal.Message);
    }

    /// <summary>Names of few letters, some of which sort before a dot and some after, so that many are below or beside each other.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Merging_and_removing_many_fields_does_what_doing_it_one_by_one_does(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 400; round++)
        {
            Fields old = Some(random.Next(40)), others = Some(random.Next(40));
            string[] names = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => Name()).Distinct()];
            FieldsBuilder rest = new(), merged = new(old);
            foreach ((string name, FieldValue value) in old)
            {
                if (!names.Any(removed => name == removed || name.StartsWith(removed + '.', StringComparison.Ordinal))) rest[name] = value;
            }
            foreach ((string name, FieldValue value) in others) merged[name] = value;
            Assert.True(rest.Build().Equals(old.Without(new RemovedNames(names))), $"seed {seed}, round {round}: {old.ToJson()} without {string.Join(' ', names)}");
            Fields? expected = merged.TryBuild(out string? fault);
            Outcome<Fields> actual = old.With(others);
            Assert.Equal(fault, actual.Refusal?.Message);
            Assert.Equal(expected, actual.Value);
        }

        string Name() => string.Join('.', Enumerable.Range(0, random.Next(1, 4)).Select(_ => new string([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => "a-b\u00e9"[random.Next(4)])])));

        Fields Some(int count)
        {
            FieldsBuilder some = new();
            for (int i = 0; i < count; i++)
            {
                string name = Name();
                if (!some.Any(other => name.StartsWith(other.Key + '.', StringComparison.Ordinal) || other.Key.StartsWith(name + '.', StringComparison.Ordinal))) some[name] = random.Next(3);
            }
            return some.Build();
        }
    }

    [Fact]
    public void More_fields_than_a_record_has_are_refused_when_they_are_merged()
    {
        Fields half = new FieldsBuilder { ["x"] = 1 }.Build();
        FieldsBuilder full = new();
        for (int i = 0; i < Limits.MaximumFields; i++) full[$"f{i}"] = i;
        Assert.Equal("there are 1025 fields; the maximum is 1024", full.Build().With(half).Refusal!.Message);
        Assert.Equal("there are 1025 fields; the maximum is 1024", half.With(full.Build()).Refusal!.Message);
    }

    private static void AssertRefused(Action make, string reason) => Assert.Contains(reason, Assert.ThrowsAny<ArgumentException>(make).Message);
}
