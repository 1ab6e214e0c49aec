using System.Text;
using Valori.Kernel.Filters;
using Valori.Kernel.Values;
using Xunit.Abstractions;

namespace Valori.Kernel.Tests.Filters;

public sealed class FilterTests(ITestOutputHelper output)
{
    private const int Seed = 20_261_128;

    private static readonly DateTimeOffset Morning = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_random_filter_lets_through_what_the_naive_evaluation_does()
    {
        output.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        int matches = 0, rounds = 20_000;
        for (int round = 0; round < rounds; round++)
        {
            Filter filter = RandomFilters.Build(random);
            Fields? fields = random.Next(8) == 0 ? null : RandomFields.Build(random);
            ulong id = (ulong)random.Next(4), tag = (ulong)random.Next(4);
            string? key = RandomFilters.Key(random);

            bool expected = NaiveFilter.Matches(filter, FilteredRecord.Of(id, tag, key, fields));
            bool found = Matches(filter, id, tag, key, fields);
            Assert.True(found == expected, $"round {round}: {filter} of id {id}, tag {tag}, key {key}, {fields}: {found}");
            if (found) matches++;
        }
        Assert.InRange(matches, rounds / 5, rounds * 4 / 5);
    }

    [Fact]
    public void Every_random_filter_is_the_same_in_all_three_spellings_and_in_canonical_bytes()
    {
        output.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        for (int round = 0; round < 10_000; round++)
        {
            Filter filter = RandomFilters.Build(random);
            Assert.Equal(filter, Ok(Filter.Parse(filter.ToString())));
            Assert.Equal(filter, Ok(Filter.FromJson(filter.ToJson())));
            Assert.Equal(filter, Filter.Read(filter.Canonical.Span));
            Assert.Equal(filter.Canonical.Length, filter.Size);
        }
    }

    [Theory]
    // The example of docs/formats.md.
    [InlineData("user = 'ada' and n in (1, 2.5)", """{"user":"ada","n":{"in":[1,2.5]}}""",
        "010200" + "050104007573657204" + "03000000616461" + "0D0101006E0200" + "020100000000000000" + "030000000000000440")]
    [InlineData("user = 'ada'", """{"user":"ada"}""", "050104007573657204" + "03000000616461")]
    [InlineData("a.b >= -2 AND NOT (x != 1.5 or exists(`a b`))", """{"a.b":{">=":-2},"not":{"or":[{"x":{"!=":1.5}},{"a b":{"exists":true}}]}}""",
        "010200" + "0A010300612E62" + "02FEFFFFFFFFFFFFFF" + "03" + "020200" + "0601010078" + "03000000000000F83F" + "0401030061" + "2062")]
    [InlineData("topics contains_any ('tea', 'it''s') and tag in (1, 18446744073709551615)", """{"topics":{"contains_any":["tea","it's"]},"tag":{"in":[1,18446744073709551615]}}""",
        "010200" + "0E010600746F706963730200" + "0403000000746561" + "040400000069742773" + "0D030200" + "060100000000000000" + "06FFFFFFFFFFFFFFFF")]
    [InlineData("at < timestamp '2026-01-01' and key starts_with 'k' and id > 7", """{"at":{"<":{"$timestamp":"2026-01-01T01:00+01:00"}},"key":{"starts_with":"k"},"id":{">":7}}""",
        "010300" + "070102006174" + "050040204648470600" + "0C02" + "04010000006B" + "0904" + "060700000000000000")]
    [InlineData("$fields.tag = true and topics CONTAINS 'tea' and `and` <= 1e3 and ok = FALSE", """{"$fields.tag":true,"topics":{"contains":"tea"},"$fields.and":{"<=":1000.0},"ok":false}""",
        "010400" + "05010300746167" + "0101" + "0B010600746F70696373" + "0403000000746561" + "08010300616E64" + "030000000000408F40" + "0501" + "02006F6B" + "0100")]
    public void Text_json_and_canonical_bytes_are_spellings_of_one_filter(string text, string json, string canonical)
    {
        Filter filter = Ok(Filter.Parse(text));
        Assert.Equal(filter, Ok(Filter.FromJson(json)));
        // Written by hand from docs/formats.md, section 2. If this changes, search digests do.
        Assert.Equal(canonical, Convert.ToHexString(filter.Canonical.Span));
        Assert.Equal(filter, Filter.Read(Convert.FromHexString(canonical)));
    }

    [Fact]
    public void Csharp_spells_what_text_does()
    {
        Assert.Equal(Ok(Filter.Parse("user = 'ada' and at >= timestamp '2026-01-01' or not exists(x)")), (Filter.Eq("user", "ada") & Filter.Ge("at", Morning)) | !Filter.Exists("x"));
        Assert.Equal(Ok(Filter.Parse("tag = 7 and key = 'k' and id = 3")), Filter.Tag(7) & Filter.Key("k") & Filter.Id(3));
        Assert.Equal(Ok(Filter.Parse("n in (1, 2.5) and topics contains_any ('a', 'b')")), Filter.In("n", 1, 2.5) & Filter.ContainsAny("topics", new[] { "a", "b" }));
        Assert.Equal(Filter.Tag(7), Filter.Eq("tag", 7));
        Assert.Equal(Filter.Tag(7), Filter.TagOrAll(7));
        Assert.Same(Filter.All, Filter.TagOrAll(null));
    }

    [Fact]
    public void One_structure_stands_for_what_can_be_written_in_several_ways()
    {
        Filter a = Filter.Eq("a", 1), b = Filter.Eq("b", 2), c = Filter.Eq("c", 3);
        Assert.Equal((a & b) & c, a & (b & c));
        Assert.Equal((a | b) | c, a | (b | c));
        Assert.Equal(a, !!a);
        Assert.Equal(a, Filter.And(a));
        Assert.Equal(a, a & Filter.All);
        Assert.Same(Filter.All, a | Filter.All);
        Assert.NotEqual(a & b, b & a);
        Assert.Equal("a = 1 and (b = 2 or c = 3)", (a & (b | c)).ToString());
        Assert.Equal("not (a = 1 and b = 2) or not exists(c)", (!(a & b) | !Filter.Exists("c")).ToString());
        Assert.Equal(0, Filter.All.Canonical.Length);
        Assert.Same(Filter.All, Filter.Read([]));
        Assert.Equal(("all", "{}"), (Filter.All.ToString(), Filter.All.ToJson()));
    }

    // 2^53 and its neighbours, which a float64 cannot tell apart.
    [Theory]
    [InlineData("n = 9007199254740993", "9007199254740993", true)]
    [InlineData("n = 9007199254740992.0", "9007199254740993", false)]
    [InlineData("n < 9007199254740993", "9007199254740992.0", true)]
    [InlineData("n > 9007199254740992.0", "9007199254740993", true)]
    [InlineData("n = 1", "1.0", true)]
    [InlineData("n in (1, 2.5)", "2.5", true)]
    [InlineData("n < 9223372036854775807", "9.3e18", false)]
    [InlineData("n >= -9223372036854775808", "-9223372036854775808.0", true)]
    [InlineData("n > 1e300", "9223372036854775807", false)]
    [InlineData("n < 0.5", "0", true)]
    [InlineData("n > -0.5", "0", true)]
    [InlineData("n < -1", "-1.5", true)]
    [InlineData("n = 1", "\"1\"", false)]
    [InlineData("n != 1", "\"1\"", true)]
    [InlineData("n < 'b'", "1", false)]
    [InlineData("n != 1", "[1]", true)]
    [InlineData("n contains 1.0", "[1]", true)]
    [InlineData("n contains_any ('x', 'y')", "[\"y\"]", true)]
    [InlineData("n contains 1", "1", false)]
    [InlineData("n in (1)", "[1]", false)]
    [InlineData("n contains 'a'", "[]", false)]
    [InlineData("exists(n)", "[]", true)]
    [InlineData("exists(n.m)", "1", false)]
    [InlineData("n starts_with 'te'", "\"tea\"", true)]
    [InlineData("n starts_with ''", "\"\"", true)]
    [InlineData("n starts_with 'te'", "[\"tea\"]", false)]
    [InlineData("n > 'Z'", "\"a\"", true)]
    [InlineData("n > '\uFFFD'", "\"\\uD83C\\uDF75\"", true)]
    [InlineData("n >= '2026-01-01'", "{\"$timestamp\":\"2026-01-01T00:00:00Z\"}", true)]
    [InlineData("n = '2026-01-01T01:00:00.5+01:00'", "{\"$timestamp\":\"2026-01-01T00:00:00.5Z\"}", true)]
    [InlineData("n < 'yesterday'", "{\"$timestamp\":\"2026-01-01T00:00:00Z\"}", false)]
    [InlineData("n != 'yesterday'", "{\"$timestamp\":\"2026-01-01T00:00:00Z\"}", true)]
    [InlineData("n = timestamp '2026-01-01'", "\"2026-01-01\"", false)]
    [InlineData("n in ('2025-01-01', '2026-01-01')", "{\"$timestamp\":\"2026-01-01T00:00:00Z\"}", true)]
    [InlineData("n contains '2026-01-01'", "[{\"$timestamp\":\"2026-01-01T00:00:00Z\"}]", true)]
    [InlineData("n = false", "false", true)]
    [InlineData("n != false", "0", true)]
    public void A_condition_means_what_the_formats_say(string text, string value, bool expected)
    {
        Filter filter = Ok(Filter.Parse(text));
        Fields fields = Ok(Fields.FromJson($$"""{"n":{{value}}}"""));
        Assert.Equal(expected, Matches(filter, 0, 0, null, fields));
        Assert.Equal(expected, NaiveFilter.Matches(filter, FilteredRecord.Of(0, 0, null, fields)));
    }

    [Theory]
    [InlineData("n = 1", false)]
    [InlineData("n != 1", true)]
    [InlineData("not (n = 1)", true)]
    [InlineData("not (n != 1)", false)]
    [InlineData("n < 1", false)]
    [InlineData("n >= 1", false)]
    [InlineData("not (n < 1)", true)]
    [InlineData("n in (1)", false)]
    [InlineData("exists(n)", false)]
    [InlineData("n contains 1", false)]
    [InlineData("n starts_with ''", false)]
    [InlineData("key = 'k'", false)]
    [InlineData("key != 'k'", true)]
    [InlineData("key > 'a'", false)]
    [InlineData("exists(key)", false)]
    public void A_field_or_key_that_is_missing_behaves_like_null(string text, bool expected)
    {
        Filter filter = Ok(Filter.Parse(text));
        Assert.Equal(expected, Matches(filter, 0, 0, null, null));
        Assert.Equal(expected, Matches(filter, 0, 0, null, new FieldsBuilder { ["m"] = 1, ["n.o"] = 1 }.Build()));
    }

    [Theory]
    [InlineData("", "the filter is empty: leave it out")]
    [InlineData(" \n", "the filter is empty: leave it out")]
    [InlineData("user", "column 5: unexpected end of input, expected an operator (= != < <= > >=), `contains`, `starts_with`, `in` or `contains_any`")]
    [InlineData("user == 'a'", "column 7: unexpected operator `=`, expected a value")]
    [InlineData("user = ada", "column 8: unexpected name `ada`, expected a value")]
    [InlineData("user = 'ada", "column 8: the string that begins here has no end")]
    [InlineData("`user = 'ada'", "column 1: the name that begins here has no end")]
    [InlineData("user = \"ada\"", "column 8: strings have single quotes")]
    [InlineData("user = 'a' and", "column 15: unexpected end of input, expected")]
    [InlineData("user = 'a' user = 'b'", "column 12: unexpected name `user`")]
    [InlineData("(user = 'a'", "column 12: unexpected end of input, expected `)`")]
    [InlineData("user = 'a')", "column 11: unexpected `)`")]
    [InlineData("a = 1 And b = 2", "column 7: unexpected name `And`")]
    [InlineData("user ~ 'a'", "column 6: unexpected '~', expected a name, an operator, a value or a bracket")]
    [InlineData("user ! 'a'", "column 6: unexpected '!'")]
    [InlineData("n = 5abc", "column 6: unexpected 'a' in a number")]
    [InlineData("n = 1.2.3", "column 8: unexpected '.' in a number")]
    [InlineData("n = 9223372036854775808", "column 5: the number is 9223372036854775808, which does not fit an int64: write it with a decimal point")]
    [InlineData("n = 1e400", "column 5: the number is 1e400, which is beyond a float64")]
    [InlineData("n in ()", "column 1: 'n in' has no values")]
    [InlineData("n in (1, 'a')", "column 1: 'n in' mixes types: 1 is an int64 and \"a\" is a string")]
    [InlineData("a = 1 and\nn < true", "line 2, column 1: 'n <' with a bool: bools have no order")]
    [InlineData("n starts_with 5", "column 1: 'n starts_with' needs a string")]
    [InlineData("key > 5", "column 7: the key is a string, and 5 is an int64")]
    [InlineData("key = ''", "column 1: a key of 0 bytes: a key has 1 to 256 bytes of UTF-8")]
    [InlineData("key contains 'a'", "column 1: the key is not an array")]
    [InlineData("tag = 'x'", "column 7: the tag is a whole number from 0 to 18446744073709551615, and \"x\" is not")]
    [InlineData("tag = -1", "and -1 is not")]
    [InlineData("id = 1.5", "the id is a whole number from 0 to 18446744073709551615, and 1.5 is not")]
    [InlineData("tag starts_with 'a'", "the tag is a whole number")]
    [InlineData("exists(tag)", "column 1: every record has the tag")]
    [InlineData("TAG = 7", "column 1: 'TAG' is neither 'tag' nor clearly a field: write tag, or $fields.TAG for a field of that name")]
    [InlineData("not Key = 'a'", "column 5: 'Key' is neither 'key'")]
    [InlineData("exists(`iD`)", "'iD' is neither 'id'")]
    [InlineData("a..b = 1", "column 1: the field's name 'a..b' has an empty segment")]
    [InlineData("$a = 1", "column 1: the field's name '$a' has a segment that begins with '$'")]
    [InlineData("at > timestamp 'noon'", "column 6: 'noon' is not a time such as 2026-11-25T13:00:00Z")]
    [InlineData("not not", "column 8: unexpected end of input")]
    [InlineData("at > 2026-11-01", "column 10: unexpected number `-11`")]
    [InlineData("at > 2026-11-01", ": times are in quotes, as in timestamp '2026-11-01'")]
    [InlineData("at > 2026-11-01T10:00:00Z", ": times are in quotes")]
    [InlineData("at >= timestamp 2026-11-01", ": times are in quotes")]
    [InlineData("user in ['ada']", "column 9: unexpected '[', expected a name, an operator, a value or a bracket: lists are in round brackets")]
    [InlineData("user not in ('ada')", ": not stands before a condition, as in not (user in ('a', 'b'))")]
    [InlineData("user = null", ": there is no null: write not exists(user)")]
    [InlineData("a = 1 and user != NULL", ": there is no null: write exists(user)")]
    [InlineData("user is null", ": there is no null: write not exists(user)")]
    [InlineData("a.b is not null", ": there is no null: write exists(a.b)")]
    [InlineData("user is 'ada'", ": write =")]
    [InlineData("user like 'a%'", ": write starts_with")]
    [InlineData("a = 1 And b = 2", ": write and or AND")]
    [InlineData("a = 1 && b = 2", ": write and")]
    [InlineData("a = 1 || b = 2", ": write or")]
    [InlineData("user == 'a'", ": equality is a single =")]
    [InlineData("user <> 'a'", ": write !=")]
    [InlineData("user = ada", ": strings are in single quotes, as in 'ada'")]
    [InlineData("user = True", ": write true or TRUE")]
    public void A_text_that_is_not_a_filter_is_refused_with_its_column(string text, string reason) => AssertRefused(Filter.Parse(text), reason);

    [Fact]
    public void A_field_that_is_called_like_an_operand_in_capitals_needs_the_prefix_in_every_spelling()
    {
        Filter filter = Filter.Parse("$fields.TAG = 7").Value!;
        Assert.Equal("$fields.TAG = 7", filter.ToString());
        Assert.Equal(filter, Filter.Parse(filter.ToString()).Value);
        Assert.Equal(filter, Filter.FromJson(filter.ToJson()).Value);
        AssertRefused(Filter.FromJson("""{"TAG":7}"""), "write tag, or $fields.TAG");
        Assert.Contains("write tag, or $fields.TAG", Assert.Throws<ArgumentException>(() => Filter.Eq("TAG", 7)).Message);
    }

    [Theory]
    [InlineData("[]", "the filter must be a JSON object")]
    [InlineData("{", "the filter is not JSON")]
    [InlineData("{}", "the filter is empty: leave it out")]
    [InlineData("""{"user":null}""", "the filter, 'user' is null, which no field is: write {\"exists\":false}")]
    [InlineData("""{"user":["a"]}""", "the filter, 'user' is an array: use \"contains\"")]
    [InlineData("""{"user":{"like":"a"}}""", "the filter, 'user' has the unknown operator 'like'; the operators are =, !=, <, <=, >, >=, in, exists, contains, contains_any, starts_with")]
    [InlineData("""{"user":{}}""", "the filter, 'user' has no operator")]
    [InlineData("""{"user":{"$eq":"a"}}""", "the filter, 'user' has the unknown operator '$eq': write '='; the operators are")]
    [InlineData("""{"n":{"gte":1}}""", "the unknown operator 'gte': write '>='")]
    [InlineData("""{"must":[{"a":1}]}""", "the filter has 'must' with an array: write \"and\"")]
    [InlineData("""{"AND":[{"a":1}]}""", "the filter has 'AND' with an array: write \"and\"")]
    [InlineData("""{"and":[{"$or":[{"a":1}]}]}""", "the filter, 'and'[0] has '$or' with an array: write \"or\"")]
    [InlineData("""{"$not":{"a":1}}""", ": write \"not\" with one filter")]
    [InlineData("""{"NOT":{"a":1}}""", "the unknown operator 'a': to negate a filter, write \"not\"")]
    [InlineData("""{"must_not":[{"a":1}]}""", "write \"not\" with an \"or\" in it")]
    [InlineData("""{"user":{"=":{"a":1}}}""", "the filter, 'user' = is an object")]
    [InlineData("""{"user":"a","user":"b"}""", "the filter has 'user' twice")]
    [InlineData("""{"and":[{"a":1},{"b":{"<":true}}]}""", "the filter, 'and'[1], 'b' <: 'b <' with a bool")]
    [InlineData("""{"or":{}}""", "the filter, 'or' must be an array of filters")]
    [InlineData("""{"or":[]}""", "the filter, 'or' has no filters")]
    [InlineData("""{"not":{"or":[1]}}""", "the filter, 'not', 'or'[0] must be a JSON object")]
    [InlineData("""{"n":{"in":[]}}""", "the filter, 'n' in: 'n in' has no values")]
    [InlineData("""{"n":{"in":[1,null]}}""", "the filter, 'n' in[1] is null")]
    [InlineData("""{"n":{"in":1}}""", "the filter, 'n' in must be an array of values")]
    [InlineData("""{"n":{"exists":1}}""", "the filter, 'n' exists must be true or false")]
    [InlineData("""{"n":1e999}""", "the filter, 'n' is 1e999, which is beyond a float64")]
    [InlineData("""{"at":{"$timestamp":"noon"}}""", "the filter, 'at' is the $timestamp 'noon', which is not a time")]
    [InlineData("""{"tag":-1}""", "the filter, 'tag': the tag is a whole number from 0 to 18446744073709551615, and -1 is not")]
    [InlineData("""{"$tag":1}""", "the filter, '$tag': the field's name '$tag' has a segment that begins with '$'")]
    [InlineData("""{"a":"\ud800"}""", "the filter, 'a' is a string with half of a surrogate pair")]
    [InlineData("""{"\ud800":1}""", "the filter has a name that is not text")]
    public void Json_that_is_not_a_filter_is_refused_with_its_place(string json, string reason) => AssertRefused(Filter.FromJson(json), reason);

    [Fact]
    public void What_no_record_can_match_is_refused_when_it_is_built()
    {
        AssertRefused(() => Filter.In("n"), "'n in' has no values");
        AssertRefused(() => Filter.In("n", 1, "a"), "'n in' mixes types");
        AssertRefused(() => Filter.In("n", DateTimeOffset.UnixEpoch, "1970-01-01"), "'n in' mixes types");
        AssertRefused(() => Filter.Eq("n", new[] { 1 }), "'n' cannot be compared with an array");
        AssertRefused(() => Filter.Eq("tag", 1.5), "the tag is a whole number");
        AssertRefused(() => Filter.Eq("a.", 1), "has an empty segment");
        AssertRefused(() => Filter.Eq("\uD800", 1), "half of a surrogate pair");
        AssertRefused(() => Filter.Key(new string('k', 257)), "a key of 257 bytes");
        AssertRefused(() => _ = !Filter.All, "'not' of every record is none");
    }

    [Fact]
    public void Limits_are_refused_with_their_value_and_what_is_at_them_is_taken()
    {
        Filter deepest = Filter.Eq("a", 1);
        for (int level = 2; level <= Limits.MaximumFilterDepth; level++) deepest = level % 2 == 0 ? Filter.And(Filter.Eq("b", level), deepest) : !deepest;
        Assert.Equal(deepest, Ok(Filter.Parse(deepest.ToString())));
        Assert.Equal(deepest, Ok(Filter.FromJson(deepest.ToJson())));
        Assert.Equal(deepest, Filter.Read(deepest.Canonical.Span));
        AssertRefused(() => _ = !deepest, "the filter is 33 levels deep; the maximum is 32");

        FieldValue[] most = [.. Enumerable.Range(0, Limits.MaximumFilterTerms).Select(i => (FieldValue)i)];
        Filter list = Filter.In("n", most);
        Assert.Equal(list, Ok(Filter.Parse(list.ToString())));
        AssertRefused(() => _ = list & Filter.Exists("n"), "the filter has 1025 conditions and values; the maximum is 1024");
        string tooMany = string.Join(',', Enumerable.Range(0, 1025));
        AssertRefused(Filter.FromJson("{\"n\":{\"in\":[" + tooMany + "]}}"), "has 1025 values; a filter has at most 1024");

        string longest = new('x', Limits.MaximumFilterBytes - 1 - 4 - 5);
        Assert.Equal(Limits.MaximumFilterBytes, Filter.Eq("n", longest).Canonical.Length);
        AssertRefused(() => Filter.Eq("n", longest + "x"), "the filter has 65537 bytes in canonical form; the maximum is 65536");
        AssertRefused(Filter.Parse($"n = '{new string('x', Limits.MaximumFilterBytes)}'"), "the filter has 65542 characters; the maximum is 65536");
    }

    [Fact]
    public void The_most_conditions_on_the_largest_fields_are_decided()
    {
        // Each literal compared with each element, these were half a second for one record.
        FieldValue[] literals = [.. Enumerable.Range(0, Limits.MaximumFilterTerms).Select(i => (FieldValue)$"x{i}")];
        Fields elements = new FieldsBuilder { ["t"] = Enumerable.Repeat("", 13_000).ToArray() }.Build();
        Filter none = !Filter.ContainsAny("t", literals);
        for (ulong id = 0; id < 50; id++) Assert.True(Matches(none, id, 0, null, elements));

        FieldsBuilder many = [];
        for (int i = 0; i < Limits.MaximumFields; i++) many[$"field {i}"] = i;
        Fields fields = many.Build();
        Filter others = Filter.And([.. Enumerable.Range(0, Limits.MaximumFilterTerms).Select(i => Filter.Ne($"field {i}", i + 1))]);
        for (ulong id = 0; id < 50; id++) Assert.True(others.Matches(id, 0, default, fields.Canonical.Span));

        AssertRefused(() => Filter.Or([.. literals.Take(65).Select(literal => Filter.Contains("t", literal))]), "the filter has 65 conditions contains and contains_any; the maximum is 64: contains_any takes several values");
        Assert.Equal(64, Filter.Or([.. literals.Take(64).Select(literal => Filter.Contains("t", literal))]).Terms);
    }

    [Fact]
    public void A_list_of_many_values_has_each_of_them_and_no_other()
    {
        output.WriteLine($"seed {Seed}");
        Random random = new(Seed);
        for (int round = 0; round < 300; round++)
        {
            FieldValue[] values = [.. RandomFields.Scalars(random, random.Next(1, 6), random.Next(1, 60))];
            Filter member = Filter.In("n", values), any = Filter.Or([.. values.Select(value => Filter.Eq("n", value))]);
            foreach (FieldValue value in values.Concat(RandomFields.Scalars(random, random.Next(1, 6), 20)))
            {
                Fields fields = new FieldsBuilder { ["n"] = value }.Build();
                Assert.True(Matches(any, 0, 0, null, fields) == Matches(member, 0, 0, null, fields), $"{value} in {member}");
            }
            ulong[] ids = [.. Enumerable.Range(0, 40).Select(_ => (ulong)random.NextInt64())];
            Assert.All(ids, id => Assert.True(Matches(Filter.In("id", ids), id, 0, null, null)));
            Assert.All(ids, id => Assert.False(Matches(Filter.In("id", ids), id ^ 1UL << 63, 0, null, null)));
        }
    }

    [Fact]
    public void The_deepest_filter_is_read_from_its_own_json()
    {
        Filter deepest = Filter.In("a", DateTimeOffset.UnixEpoch);
        for (int level = 2; level <= Limits.MaximumFilterDepth; level++)
            deepest = level % 2 == 0 ? Filter.And(Filter.Eq("b", level), deepest) : Filter.Or(Filter.Eq("b", level), deepest);
        Assert.Equal(Limits.MaximumFilterDepth, deepest.Depth);
        Assert.Equal(deepest, Ok(Filter.FromJson(deepest.ToJson())));
    }

    [Fact]
    public void Csharp_has_tags_and_ids_of_64_bits()
    {
        const ulong large = 1UL << 63;
        Assert.Equal(Ok(Filter.Parse($"tag >= {large}")), Filter.Ge("tag", large));
        Assert.Equal(Ok(Filter.Parse($"tag = {large} and tag != {large} and id < {large} and id <= {large} and id > {large}")),
            Filter.Eq("tag", large) & Filter.Ne("tag", large) & Filter.Lt("id", large) & Filter.Le("id", large) & Filter.Gt("id", large));
        Assert.Equal(Ok(Filter.Parse($"id in (1, {large})")), Filter.In("id", new[] { 1UL, large }));
        Assert.Equal(Ok(Filter.Parse("n = 5")), Filter.Eq("n", 5UL));
        AssertRefused(() => Filter.Eq("n", large), "'n' is compared with 9223372036854775808, which does not fit an int64");
        AssertRefused(() => Filter.Eq("key", 5UL), "the key is a string, and 5 is an int64");
        AssertRefused(() => Filter.In("key", new[] { large }), "the key is a string, and 9223372036854775808 is a number");
    }

    // Without a bound a parser that calls itself would end the process.
    [Theory]
    [InlineData("(", "")]
    [InlineData("not ", "")]
    [InlineData("not (", ")")]
    [InlineData("a = 1 and (", ")")]
    public void A_text_is_nested_only_so_deep(string opening, string closing)
    {
        string text = $"{string.Concat(Enumerable.Repeat(opening, 5_000))}a = 1{string.Concat(Enumerable.Repeat(closing, 5_000))}";
        AssertRefused(Filter.Parse(text), "brackets and negations are nested more than 64 levels deep");
        string wide = string.Join(" and ", Enumerable.Repeat("not (not (a = 1))", 900));
        Assert.Equal(900, ((Junction)Ok(Filter.Parse(wide))).Members.Length);
    }

    [Fact]
    public void Evaluating_allocates_nothing()
    {
        Random random = new(Seed);
        Filter filter = Filter.And([.. Enumerable.Range(0, 30).Select(_ => RandomFilters.Build(random) | Filter.Ne("no such field", 1))]);
        byte[] fields = RandomFields.Build(random).Canonical.ToArray();
        bool all = filter.Matches(1, 2, "key-1"u8, fields);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++) all &= filter.Matches(1, 2, "key-1"u8, fields);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(all);
    }

    [Theory]
    [InlineData("00", "the unknown condition 0 at byte 0")]
    [InlineData("0F", "the unknown condition 15 at byte 0")]
    [InlineData("0500", "the unknown operand at byte 1")]
    [InlineData("05", "ends at byte 1")]
    [InlineData("0501010061", "ends at byte 5")]
    [InlineData("05010100610600", "the type 6 of a filter's value at byte 5")]
    [InlineData("0503020100000000000000", "the type 2 of a filter's value at byte 2")]
    [InlineData("05010100610102", "a filter's value at byte 6 is 2, neither 0 nor 1")]
    [InlineData("0501010061010100", "not in its canonical form")]
    [InlineData("010100" + "05010100610101", "not in its canonical form")]
    [InlineData("0303" + "05010100610101", "not in its canonical form")]
    [InlineData("010200" + "010200" + "0501010061010105010100610101" + "05010100610101", "not in its canonical form")]
    [InlineData("07010100610101", "with a bool")]
    [InlineData("0D010100610000", "has no values")]
    [InlineData("0502" + "0400000000", "a key of 0 bytes")]
    public void Bytes_that_are_not_a_canonical_filter_are_refused_with_the_reason(string hex, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => Filter.Read(Convert.FromHexString(hex))).Message);

    private static bool Matches(Filter filter, ulong id, ulong tag, string? key, Fields? fields)
    {
        ReadOnlySpan<byte> keyBytes = key is null ? default : Encoding.UTF8.GetBytes(key);
        ReadOnlySpan<byte> packed = fields is null || fields.IsEmpty ? default : fields.Canonical.Span;
        bool matches = filter.Matches(id, tag, keyBytes, packed);
        // Both ways to find a field.
        ushort[] starts = new ushort[packed.IsEmpty ? 0 : PackedFields.CountOf(packed)];
        if (starts.Length > 0) PackedFields.CopyStarts(packed, starts);
        Assert.Equal(matches, filter.Matches(new RecordFacts(id, tag, keyBytes, packed)));
        Assert.Equal(matches, filter.Matches(new RecordFacts(id, tag, keyBytes, packed, starts)));
        return matches;
    }

    private static T Ok<T>(Outcome<T> outcome) where T : class
    {
        Assert.Null(outcome.Refusal);
        return outcome.Value!;
    }

    private static void AssertRefused(Outcome<Filter> outcome, string reason)
    {
        Assert.Equal(RefusalKind.InvalidArgument, outcome.Refusal?.Kind);
        Assert.Contains(reason, outcome.Refusal!.Message);
    }

    private static void AssertRefused(Action make, string reason) => Assert.Contains(reason, Assert.ThrowsAny<ArgumentException>(make).Message);
}
