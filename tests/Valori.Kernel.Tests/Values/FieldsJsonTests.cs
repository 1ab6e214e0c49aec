using Xunit.Abstractions;

namespace Valori.Kernel.Tests.Values;

public sealed class FieldsJsonTests(ITestOutputHelper output)
{
    [Fact]
    public void Random_fields_are_the_same_after_they_were_json()
    {
        const int seed = 7;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (int round = 0; round < 5_000; round++)
        {
            Fields fields = RandomFields.Build(random);
            Assert.Equal(fields, Ok(fields.ToJson()));
        }
    }

    [Fact]
    public void Nested_objects_are_dotted_names_and_are_written_nested_again()
    {
        Fields fields = Ok("""{"z":1,"a":{"b":{"d":2},"c":[true,false]},"a b":"x","a.b.e":[],"a!":0}""");
        Assert.Equal(["a b", "a!", "a.b.d", "a.b.e", "a.c", "z"], fields.Keys);
        Assert.Equal("""{"a b":"x","a!":0,"a":{"b":{"d":2,"e":[]},"c":[true,false]},"z":1}""", fields.ToJson());
        Assert.Equal("{}", Fields.Empty.ToJson());
        Assert.Same(Fields.Empty, Ok("{}"));
    }

    [Fact]
    public void Every_power_of_two_is_the_same_float64_after_it_was_json()
    {
        for (int exponent = -1074; exponent <= 1023; exponent++)
        {
            Fields fields = new FieldsBuilder { ["n"] = Math.ScaleB(1, exponent) }.Build();
            Assert.Equal(fields, Ok(fields.ToJson()));
        }
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("-0", "0")]
    [InlineData("1.0", "1.0")]
    [InlineData("1e2", "100.0")]
    [InlineData("-0.0", "0.0")]
    [InlineData("0.1", "0.1")]
    [InlineData("1E+300", "1E+300")]
    [InlineData("9007199254740993.0", "9007199254740992.0")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("5e-324", "5E-324")]
    [InlineData("4.1045368012983762e-289", "4.1045368012983762E-289")] // 2^-958, of which .NET writes a digit too few
    [InlineData("""{"$timestamp":"2026-01-01"}""", """{"$timestamp":"2026-01-01T00:00:00.000000Z"}""")]
    [InlineData("""{"$timestamp":"2026-01-01 01:30:15.1234567-02:30"}""", """{"$timestamp":"2026-01-01T04:00:15.123456Z"}""")]
    [InlineData("""{"$timestamp":"0001-01-01T00:00Z"}""", """{"$timestamp":"0001-01-01T00:00:00.000000Z"}""")]
    [InlineData("""[{"$timestamp":"9999-12-31T23:59:59.9999999"}]""", """[{"$timestamp":"9999-12-31T23:59:59.999999Z"}]""")]
    [InlineData("\"2026-01-01\"", "\"2026-01-01\"")]
    public void A_value_has_one_form(string json, string written) => Assert.Equal($"{{\"n\":{written}}}", Ok($"{{\"n\":{json}}}").ToJson());

    [Theory]
    [InlineData("[]", "the fields must be a JSON object")]
    [InlineData("{", "the fields are not JSON")]
    [InlineData("""{"a":null}""", "the field 'a' is null: leave out what has no value. To remove a field, use remove_fields")]
    [InlineData("""{"a":{"b":null}}""", "the field 'a.b' is null")]
    [InlineData("""{"a":{}}""", "the field 'a' is an empty object: leave it out")]
    [InlineData("""{"a":1,"a":1}""", "the field 'a' appears twice")]
    [InlineData("""{"a.b":1,"a":{"b":1}}""", "the field 'a.b' appears twice")]
    [InlineData("""{"a":1,"a.b":1}""", "the fields 'a' and 'a.b' exclude each other")]
    [InlineData("""{"a":9223372036854775808}""", "the field 'a' is 9223372036854775808, which does not fit an int64: write it with a decimal point to store a float64")]
    [InlineData("""{"a":1e309}""", "the field 'a' is 1e309, which is beyond a float64")]
    [InlineData("""{"a":[1,"x"]}""", "the field 'a'[1] is a string and [0] is an int64: the elements of an array have one type")]
    [InlineData("""{"a":[9007199254740993,2.5]}""", "the field 'a'[1] makes this an array of float64, and [0] is 9007199254740993, which no float64 is: write it as another number, or as a text")]
    [InlineData("""{"a":[2.5,9223372036854775807]}""", "the field 'a'[1] makes this an array of float64, and [1] is 9223372036854775807, which no float64 is: write it as another number, or as a text")]
    [InlineData("""{"a":[1,null]}""", "the field 'a'[1] is null")]
    [InlineData("""{"a":[[1]]}""", "the field 'a'[0] is an array: an array of arrays is not a field's value")]
    [InlineData("""{"a":[{"b":1}]}""", "the field 'a'[0] is an object, which cannot stand here")]
    [InlineData("""{"a":{"$timestamp":"noon"}}""", "the field 'a' is the $timestamp 'noon', which is not a time such as")]
    [InlineData("""{"a":{"$timestamp":"2026-02-29"}}""", "the $timestamp '2026-02-29', which is not a time")]
    [InlineData("""{"a":{"$timestamp":"2026-01-01T24:00"}}""", "which is not a time")]
    [InlineData("""{"a":{"$timestamp":"2026-01-01T00:00+14:01"}}""", "which is not a time")]
    [InlineData("""{"a":{"$timestamp":"0001-01-01T00:00+00:01"}}""", "which is not a time")]
    [InlineData("""{"a":{"$timestamp":"2026-01-01T00:00:00."}}""", "which is not a time")]
    [InlineData("""{"a":{"$timestamp":"2026-01-01\u0000"}}""", "which is not a time")]
    [InlineData("""{"a":{"$timestamp":1}}""", "the field 'a' is a $timestamp that is not a string")]
    [InlineData("""{"a":{"$timestamp":"2026-01-01","b":1}}""", "has a segment that begins with '$'")]
    [InlineData("""{"$timestamp":"2026-01-01"}""", "has a segment that begins with '$'")]
    [InlineData("""{"":1}""", "a field's name is empty")]
    [InlineData("""{"a":{"":1}}""", "the field's name 'a.' has an empty segment")]
    [InlineData("""{"a":"\ud800"}""", "the field 'a' is a string with half of a surrogate pair")]
    [InlineData("""{"a":{"\ud800":1}}""", "a field's name in 'a' is not text")]
    public void Json_that_is_not_fields_is_refused_with_its_field(string json, string reason)
    {
        Refusal? refusal = Fields.FromJson(json).Refusal;
        Assert.Equal(RefusalKind.InvalidArgument, refusal?.Kind);
        Assert.Contains(reason, refusal!.Message);
    }

    [Fact]
    public void Objects_are_nested_as_deep_as_names_have_segments()
    {
        string Nested(int levels) => string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);
        Assert.Single(Ok(Nested(Limits.MaximumFieldDepth)));
        Assert.Contains("is nested more than 16 levels deep", Fields.FromJson(Nested(Limits.MaximumFieldDepth + 1)).Refusal!.Message);
    }

    private static Fields Ok(string json)
    {
        Outcome<Fields> read = Fields.FromJson(json);
        Assert.Null(read.Refusal);
        return read.Value!;
    }

    [Theory]
    [InlineData("[1,2.5]", "[1.0,2.5]")]
    [InlineData("[2.5,1,-3]", "[2.5,1.0,-3.0]")]
    [InlineData("[9007199254740992,0.5]", "[9007199254740992.0,0.5]")]
    [InlineData("[-9223372036854775808,0.5]", "[-9223372036854775808.0,0.5]")]
    public void Whole_numbers_among_others_in_an_array_are_float64_too(string json, string written)
    {
        Fields fields = Fields.FromJson($$"""{"a":{{json}}}""").Value!;
        Assert.Equal(Fields.FromJson($$"""{"a":{{written}}}""").Value, fields);
        Assert.Equal(FieldValueType.Float64 + 16, fields["a"]!.Type);
    }
}
