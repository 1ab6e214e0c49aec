using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Linq.Expressions;
using Microsoft.Extensions.VectorData;
using Valori.VectorData.Tests.Support;

namespace Valori.VectorData.Tests;

/// <summary>Every filter lets through the records for which the same C# expression is true, compiled and run on the same records.</summary>
public sealed class FilterTests(FilterTests.Records records) : IClassFixture<FilterTests.Records>
{
    private const long Large = 1L << 53;

    private static readonly DateTime Noon = new(2026, 1, 1, 12, 0, 0);
    private static readonly DateTimeOffset Then = new(2026, 1, 1, 12, 0, 0, TimeSpan.FromHours(2));
    private static readonly Guid SomeGuid = new("80000000-0000-4000-8000-000000000001");
    private readonly int _eight = 8, _threeHundred = 300;

    [Fact]
    public Task Equality_has_the_meaning_of_csharp() => AssertAsync(
        r => r.Int == 8, r => 8 == r.Int, r => r.Int != 8, r => !(r.Int == 8), r => !(r.Int != 8),
        r => r.Byte == 8, r => r.Byte == _threeHundred, r => r.Byte != _threeHundred, r => r.SByte == -1, r => r.Short == -8, r => r.UShort == 65_535, r => r.UInt == uint.MaxValue,
        r => r.Long == long.MinValue, r => r.Long == Large + 1, r => r.ULong == ulong.MaxValue, r => r.ULong != 0,
        r => r.String == "foo", r => r.String != "foo", r => r.String == "", r => r.String == "\ud800", r => r.String != "\ud800", r => r.String == "ünï\U0001F600",
        r => r.Float == 0.1f, r => r.Float == 0.1, r => r.Double == 0.1, r => r.Double == 0.1f, r => r.Double == 0.0, r => r.Double == -0.0,
        r => r.Decimal == 1.5m, r => r.Decimal == 1.50m, r => r.Decimal == -1.5m, r => r.Decimal == decimal.MaxValue,
        r => r.Guid == SomeGuid, r => r.Guid != SomeGuid, r => r.DateTime == Noon, r => r.DateTime == new DateTime(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc),
        r => r.DateTimeOffset == Then, r => r.DateTimeOffset == Then.ToUniversalTime(), r => r.DateOnly == new DateOnly(2026, 1, 1), r => r.TimeOnly == new TimeOnly(12, 0),
        r => r.Key == 3, r => r.Key != 3, r => r.Key == -1);

    [Fact]
    public Task Orders_have_the_meaning_of_csharp() => AssertAsync(
        r => r.Int < 8, r => r.Int <= 8, r => r.Int > 8, r => r.Int >= 8, r => 8 > r.Int, r => 8 <= r.Int, r => r.Int < int.MinValue, r => r.Int <= int.MaxValue, r => r.Int > FiveBillion(),
        r => r.Byte < _threeHundred, r => r.Byte > 255, r => r.Byte >= 0, r => r.Byte > -_eight, r => r.SByte < 0, r => r.UInt > int.MaxValue, r => r.ULong > (ulong)long.MaxValue, r => r.ULong <= 8,
        r => r.Long > Large, r => r.Long >= long.MaxValue, r => r.Long < long.MinValue + 1,
        r => r.Float < 0.1, r => r.Float > 0.1, r => r.Float >= 0.1f, r => r.Double > 0.1, r => r.Double < 0, r => r.Double <= 0,
        r => r.Decimal < 1.5m, r => r.Decimal <= 1.5m, r => r.Decimal > -1.5m, r => r.Decimal >= -1.5m, r => r.Decimal < 0, r => r.Decimal > -1.55m, r => r.Decimal < -1,
        r => r.Guid > SomeGuid, r => r.Guid <= SomeGuid, r => r.DateTime < Noon, r => r.DateTime <= Noon, r => r.DateTime > Noon, r => r.DateTime >= Noon,
        r => r.DateTimeOffset > Then, r => r.DateTimeOffset >= Then, r => r.DateTimeOffset < Then, r => r.DateOnly > new DateOnly(2025, 12, 31), r => r.TimeOnly < new TimeOnly(12, 0),
        r => r.Key > 3, r => r.Key <= 3, r => r.Key < 0, r => r.Key >= -1, r => r.Key > -5);

    /// <summary>C# converts the property before it compares, which may round it.</summary>
    [Fact]
    public Task Comparisons_of_two_types_of_number_have_the_meaning_of_csharp() => AssertAsync(
        r => r.Int > 7.5, r => r.Int < 8.5f, r => r.Int == 8.0, r => r.Int == 8.5, r => r.Int != 8.5, r => r.Int <= 8m, r => r.Int > 7.5m, r => r.Int == 8.0m,
        r => r.Long == 9007199254740992.0, r => r.Long > 9007199254740992.0, r => r.Long >= 9007199254740992.0, r => r.Long < 9007199254740992f, r => r.Long <= 9.3e18, r => r.Long > -9.3e18f,
        r => r.Long < 9223372036854775807.0, r => r.ULong >= 18446744073709551615.0, r => r.ULong < 18446744073709551615f, r => r.Int == 16_777_217f,
        r => r.Int < double.NaN, r => r.Int != double.NaN, r => r.Int < double.PositiveInfinity, r => r.Long > double.NegativeInfinity, r => r.Long == double.PositiveInfinity,
        r => r.Double < double.PositiveInfinity, r => r.Double > double.NegativeInfinity, r => r.Double == double.NaN, r => r.Double != double.NaN, r => !(r.Double < double.NaN),
        r => r.Float <= float.NegativeInfinity, r => r.Double >= double.NegativeInfinity, r => r.NullableDouble < double.PositiveInfinity);

    [Fact]
    public async Task Null_has_the_meaning_of_csharp()
    {
        string? noString = null;
        int? noInt = null, eight = 8;
        await AssertAsync(
            r => r.String == null, r => r.String != null, r => r.String == noString, r => null == r.String, r => r.NullableInt == null, r => r.NullableInt != noInt, r => r.NullableInt == eight,
            r => r.NullableInt != 8, r => r.NullableInt < 8, r => !(r.NullableInt < 8), r => r.NullableInt >= noInt, r => !(r.NullableInt >= noInt), r => r.NullableInt.HasValue,
            r => !r.NullableInt.HasValue, r => r.NullableInt.HasValue && r.NullableInt.Value == 8, r => r.Int == noInt, r => r.Int != noInt, r => r.Int == eight, r => r.Int == eight.Value,
            r => r.NullableDouble > 0, r => r.NullableDecimal < 0, r => r.NullableULong == null, r => r.NullableTime <= Then, r => r.NullableTime != Then, r => r.NullableBool == true,
            r => r.NullableBool != true, r => r.NullableBool == null, r => !(r.NullableBool == false), r => r.Strings == null, r => r.Bytes != null, r => r.StringList == null,
            r => string.IsNullOrEmpty(r.String), r => !string.IsNullOrEmpty(r.String));
        InvalidOperationException none = await Assert.ThrowsAsync<InvalidOperationException>(() => KeysAsync(r => r.Int == noInt!.Value));
        Assert.Contains("must have a value", none.Message);
    }

    [Fact]
    public async Task Conditions_are_joined_as_by_csharp()
    {
        bool yes = true, no = false;
        await AssertAsync(
            r => true, r => false, r => yes, r => no, r => r.Bool, r => !r.Bool, r => r.Bool == true, r => r.Bool != true, r => r.Bool == no, r => r.Bool && r.Int == 8, r => r.Bool || r.Int == 8,
            r => (r.Int == 8 && r.String == "foo") || r.Int == 9, r => !(r.Int == 8 || r.String == "foo"), r => !(r.Bool && !r.Bool), r => yes && r.Bool, r => no || r.Bool, r => no && r.Bool,
            r => yes || r.Bool, r => r.Bool && no, r => r.Bool || yes, r => (r.Int == 8) == no, r => (r.Int == 8) != no, r => r.Int == 8 & r.Bool, r => r.Int == 8 | r.Bool, r => !(r.Bool && no),
            r => !!r.Bool, r => !(r.String != null && r.Int > 8));
        // Of three values: null is neither true nor false.
        await AssertAsync(
            r => !r.NullableBool == true, r => !r.NullableBool == false, r => !r.NullableBool != false, r => !r.NullableBool == null, r => (r.NullableBool & r.Bool) == true,
            r => (r.NullableBool & r.Bool) == false, r => (r.NullableBool & r.Bool) != false, r => (r.NullableBool & r.Bool) == null, r => (r.NullableBool | r.Bool) == false,
            r => (r.NullableBool | r.Bool) != null, r => !(r.NullableBool | no) == true, r => (!r.NullableBool & r.Int == 8) != true, r => ((bool?)(r.Int == 8) | r.NullableBool) == false);
        // What C# does not evaluate is not evaluated: no string has no length.
        string? nothing = null;
        await AssertAsync(r => nothing == null || r.Int == nothing.Length, r => nothing != null && r.Int == nothing.Length);
    }

    [Fact]
    public async Task Contains_has_the_meaning_of_csharp()
    {
        int[] ints = [8, 10];
        List<string?> strings = ["foo", null, "bar"];
        HashSet<string> set = ["foo", "BAR"];
        DateTime[] times = [Noon];
        IReadOnlyCollection<long> keys = [1, 3, -1, 99];
        await AssertAsync(
            r => new[] { 8, 10 }.Contains(r.Int), r => ints.Contains(r.Int), r => Enumerable.Contains(ints, r.Int), r => MemoryExtensions.Contains(ints, r.Int), r => !ints.Contains(r.Int),
            r => strings.Contains(r.String), r => !strings.Contains(r.String), r => set.Contains(r.String!), r => keys.Contains(r.Key), r => new List<int>().Contains(r.Int), r => times.Contains(r.DateTime),
            r => new[] { 1.5m, -1.5m }.Contains(r.Decimal), r => new long[] { 8, 9_000_000_000 }.Contains(r.Int), r => new[] { double.NaN, 0.1 }.Contains(r.Double),
            r => r.Strings != null && r.Strings.Contains("x"), r => r.Strings != null && !r.Strings.Contains("x"), r => r.StringList != null && r.StringList.Contains("x"),
            r => r.Strings != null && Enumerable.Contains(r.Strings, "x"), r => r.Strings != null && MemoryExtensions.Contains(r.Strings, "x"),
            r => r.Strings != null && MemoryExtensions.Contains(r.Strings, "x", null), r => r.Strings != null && r.Strings.Contains(null), r => r.Ints != null && r.Ints.Contains(8),
            r => r.Doubles != null && r.Doubles.Contains(0.1), r => r.Doubles != null && r.Doubles.Contains(double.NaN), r => r.Times != null && r.Times.Contains(Noon),
            r => r.Guids != null && r.Guids.Contains(SomeGuid));
    }

    [Fact]
    public async Task Any_and_All_have_the_meaning_of_csharp()
    {
        string[] wanted = ["x", "z"];
        List<string> none = [];
        await AssertAsync(
            r => r.Strings != null && r.Strings.Any(s => wanted.Contains(s)), r => r.StringList != null && r.StringList.Any(s => wanted.Contains(s)), r => r.Strings != null && r.Strings.Any(s => s == "x"),
            r => r.Strings != null && r.Strings.Any(s => "x" == s || s == "q"), r => r.Strings != null && !r.Strings.Any(s => wanted.Contains(s)), r => r.Strings != null && r.Strings.Any(s => none.Contains(s)),
            r => r.Ints != null && r.Ints.Any(i => new[] { 8, 9 }.Contains(i)), r => wanted.Any(w => r.Strings != null && r.Strings.Contains(w)), r => wanted.All(w => r.Strings != null && r.Strings.Contains(w)),
            r => wanted.Any(w => r.String == w), r => none.Any(w => r.String == w), r => none.All(w => r.String == w), r => r.Times != null && r.Times.Any(t => t == Noon));
    }

    [Fact]
    public Task Calls_that_compare_have_the_meaning_of_csharp() => AssertAsync(
        r => r.Int.Equals(8), r => r.String != null && r.String.Equals("foo"), r => string.Equals(r.String, "foo"), r => string.Equals("foo", r.String, StringComparison.Ordinal), r => string.Equals(r.String, null),
        r => r.Guid.Equals(SomeGuid), r => r.String != null && r.String.StartsWith("fo", StringComparison.Ordinal), r => r.String != null && r.String.StartsWith('f'),
        r => r.String != null && r.String.StartsWith("", StringComparison.Ordinal), r => r.String != null && !r.String.StartsWith("f", StringComparison.Ordinal));

    [Fact]
    public async Task Values_come_from_variables_fields_calls_and_constructors()
    {
        var wrapper = new { Inner = new { Value = 8 } };
        int[] array = [7, 8];
        await AssertAsync(
            r => r.Int == _eight, r => r.Int == wrapper.Inner.Value, r => r.Int == array[1], r => r.Int == Math.Max(3, _eight), r => r.Int == array.Length + 6, r => r.String == "f" + "oo",
            r => r.DateTime == new DateTime(2026, 1, 1, 12, 0, 0), r => r.DateTimeOffset >= Then.AddDays(-1), r => r.DateTimeOffset == new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.FromHours(2)),
            r => r.Guid == new Guid("80000000-0000-4000-8000-000000000001"), r => r.Int == int.Parse("8"), r => r.Int == (array[0] == 7 ? 8 : 9));
    }

    /// <summary>A lambda that is not asked of the record belongs to the value.</summary>
    [Fact]
    public Task Values_come_from_queries() => AssertAsync(
        r => records.All.Where(other => other.Int > 8).Select(other => other.Key).Contains(r.Key), r => r.Int == records.All.Max(other => other.Int), r => new[] { 7, 8 }.Select(n => n + 1).ToArray().Contains(r.Int),
        r => r.String == records.All.First(other => other.Key == 2).String, r => records.All.Any(other => other.Int == 9), r => records.All.Any(other => other.Int == 9 && other.Int == r.Int),
        r => r.Strings != null && r.Strings.Any(s => new[] { "X", "Q" }.Select(c => c.ToLowerInvariant()).Contains(s)), r => Enumerable.Range(8, 2).Contains(r.Int), r => Enumerable.Repeat(8, 1).Contains(r.Int));

    /// <summary>What Contains and Equals mean is known of .NET's own alone, and only if they ask no comparer.</summary>
    [Fact]
    public async Task Collections_and_methods_that_compare_in_their_own_way_are_refused()
    {
        Dictionary<string, int> dictionary = new(StringComparer.OrdinalIgnoreCase) { ["FOO"] = 8 };
        HashSet<string> set = new(StringComparer.OrdinalIgnoreCase) { "FOO" };
        AnyCase list = ["FOO"];
        await RefusedAsync(
            (r => r.String != null && dictionary.Keys.Contains(r.String), "ToArray()"), (r => new SortedList<string, int>(dictionary, StringComparer.OrdinalIgnoreCase).Keys.Contains(r.String!), "ToArray()"),
            (r => new ReadOnlySet<string>(set).Contains(r.String!), "ToArray()"), (r => ImmutableHashSet.Create(StringComparer.OrdinalIgnoreCase, "FOO").Contains(r.String!), "ToArray()"),
            (r => set.ToFrozenSet(StringComparer.OrdinalIgnoreCase).Contains(r.String!), "ToArray()"), (r => r.Strings!.Any(s => set.Contains(s)), "ToArray()"),
            (r => list.Contains(r.String!), "list.Contains(r.String)"), (r => Enumerable.Contains(list, r.String), "ToArray()"), (r => AnyCase.Equals(r.String!, "FOO"), "Equals(r.String, \"FOO\")"));
        await AssertAsync(
            r => r.String != null && dictionary.Keys.ToArray().Contains(r.String), r => set.Any(s => s == r.String), r => new HashSet<string>(StringComparer.Ordinal) { "foo" }.Contains(r.String!),
            r => ImmutableHashSet.Create("foo").Contains(r.String!), r => new[] { "foo" }.ToFrozenSet().Contains(r.String!), r => ImmutableArray.Create(8).Contains(r.Int), r => new Queue<int>(new[] { 8 }).Contains(r.Int),
            r => new object[] { 8 }.Contains(r.Int), r => new object[] { 8 }.Contains(r.Long), r => new object?[] { null, "foo" }.Contains(r.String));
    }

    /// <summary>The same of a search, and of a collection of dictionaries.</summary>
    [Fact]
    public async Task A_search_and_a_dynamic_collection_have_the_same_filters()
    {
        List<long> found = [];
        await foreach (var hit in records.Collection.SearchAsync(new float[] { 1 }, 100, new() { Filter = r => r.Int > 8 && r.String != null })) found.Add(hit.Record.Key);
        Assert.Equal(records.All.Where(r => r.Int > 8 && r.String != null).Select(r => r.Key).Order(), found.Order());

        string[] wanted = ["x", "z"];
        (Expression<Func<Dictionary<string, object?>, bool>>, Func<ManyTypes, bool>)[] pairs =
        [
            (r => (int)r["Int"]! == 8, r => r.Int == 8), (r => r["String"] == (object)"foo", r => r.String == "foo"), (r => r["String"] == null, r => r.String == null), (r => (bool)r["Bool"]!, r => r.Bool),
            (r => !(bool)r["Bool"]!, r => !r.Bool), (r => (int?)r["NullableInt"] > 7, r => r.NullableInt > 7), (r => ((string[])r["Strings"]!).Contains("x"), r => r.Strings?.Contains("x") == true),
            (r => new[] { 8, 9 }.Contains((int)r["Int"]!), r => r.Int is 8 or 9), (r => wanted.Contains(r["String"]), r => wanted.Contains(r.String)), (r => (long)r["Key"]! < 3, r => r.Key < 3),
            (r => ((string[])r["Strings"]!).Any(s => wanted.Contains(s)), r => r.Strings?.Any(s => wanted.Contains(s)) == true), (r => (DateTime)r["DateTime"]! <= Noon, r => r.DateTime <= Noon),
        ];
        foreach ((Expression<Func<Dictionary<string, object?>, bool>> filter, Func<ManyTypes, bool> same) in pairs)
        {
            List<long> keys = [];
            await foreach (Dictionary<string, object?> record in records.Dynamic.GetAsync(filter, 100)) keys.Add((long)record["Key"]!);
            Assert.True(records.All.Where(same).Select(r => r.Key).Order().SequenceEqual(keys.Order()), filter.ToString());
        }
    }

    [Fact]
    public Task What_a_filter_cannot_say_is_refused_with_the_part() => RefusedAsync(
        (r => r.Int == 8 && r.Int == r.Byte, "both sides depend on the record"),
        (r => r.Int + 1 == 9, "'(r.Int + 1)' is not a property of the record"),
        (r => r.Bool || r.String!.Contains("x"), "r.String.Contains(\"x\")"),
        (r => r.String!.Length == 3, "r.String.Length"),
        (r => r.String!.ToUpperInvariant() == "FOO", "r.String.ToUpperInvariant()"),
        (r => r.String!.ToLower() == "foo", "r.String.ToLower()"),
        (r => r.DateTime.Year == 2026, "r.DateTime.Year"),
        (r => r.StringList!.Count == 1, "r.StringList.Count"),
        (r => r.String!.StartsWith("f"), "StringComparison.Ordinal"),
        (r => r.String!.Equals("foo", StringComparison.OrdinalIgnoreCase), "StringComparison.Ordinal"),
        (r => string.Compare(r.String, "foo") > 0, "Compare(r.String, \"foo\")"),
        (r => r.Strings == new[] { "x" }, "asks for the same object"),
        (r => r.Bytes == new byte[] { 1 }, "asks for the same object"),
        (r => r.Strings!.Any(), "r.Strings.Any()"),
        (r => r.Strings!.Any(s => s.StartsWith("x", StringComparison.Ordinal)), "one of some values"),
        (r => r.Strings!.All(s => s == "x"), "r.Strings.All("),
        (r => r.Strings!.Length > 1, "ArrayLength(r.Strings)"),
        (r => r.Vector == null, "vector property 'Vector'"),
        (r => (short)r.Int == 8, "from Int32 to Int16"),
        (r => (r.NullableInt ?? 8) == 8, "(r.NullableInt ?? 8)"),
        (r => (r.Bool ? r.Int : r.Byte) == 8, "IIF(r.Bool"),
        (r => new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "FOO" }.Contains(r.String!), "comparer of its own"),
        (r => new[] { 1.0 }.Contains(r.Long) || new[] { 9007199254740992.0 }.Contains(r.Long), "the comparison rounds them"),
        (r => Enumerable.Range(0, 2_000).Contains(r.Int), "the maximum is 1024"),
        (r => r.Guid == Guid.Empty || r.Guid.ToString() == "x", "r.Guid.ToString()"));

    [Fact]
    public async Task What_the_caller_s_own_expression_throws_comes_as_it_is()
    {
        List<ManyTypes> list = records.All;
        int[] none = [];
        await ThrowsAsync<ArgumentOutOfRangeException>(r => r.Int == list[99].Int);
        await ThrowsAsync<ArgumentOutOfRangeException>(r => r.Bool && new[] { 1, list[99].Int }.Contains(r.Int));
        await ThrowsAsync<ArgumentException>(r => r.Int == (int)Enum.Parse<DayOfWeek>("Someday"));
        await ThrowsAsync<ArgumentOutOfRangeException>(r => none.Append(99).Select(place => list[place].Int).Contains(r.Int));
        await ThrowsAsync<InvalidOperationException>(r => r.Int == none.First());
        await ThrowsAsync<FormatException>(r => r.Int == int.Parse("eight"));

        Task ThrowsAsync<T>(Expression<Func<ManyTypes, bool>> filter)
            where T : Exception => Assert.ThrowsAsync<T>(() => KeysAsync(filter));
    }

    [Fact]
    public async Task A_member_of_the_dictionary_is_not_a_property_of_its_record()
    {
        var counted = await records.NewDynamicAsync("counted", new VectorStoreKeyProperty("Key", typeof(long)), new VectorStoreDataProperty("Count", typeof(int)));
        await counted.UpsertAsync(new Dictionary<string, object?> { ["Key"] = 1L, ["Count"] = 7 });
        NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(async () => await counted.GetAsync(r => r.Count == 7, 1).AnyAsync());
        Assert.Contains("'r.Count'", refused.Message);
        Assert.True(await counted.GetAsync(r => (int)r["Count"]! == 7, 1).AnyAsync());
    }

    [Fact]
    public async Task A_property_that_is_not_there_is_named()
    {
        InvalidOperationException missing = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (Dictionary<string, object?> _ in records.Dynamic.GetAsync(r => r["Colour"] == null, 1)) { }
        });
        Assert.Contains("'Colour'", missing.Message);
    }

    private static long FiveBillion() => 5_000_000_000;

    private async Task AssertAsync(params Expression<Func<ManyTypes, bool>>[] filters)
    {
        List<string> wrong = [];
        foreach (Expression<Func<ManyTypes, bool>> filter in filters)
        {
            long[] expected = [.. records.All.Where(filter.Compile()).Select(r => r.Key).Order()];
            long[] found = await KeysAsync(filter);
            if (!expected.SequenceEqual(found)) wrong.Add($"{filter}: expected {string.Join(' ', expected)}, found {string.Join(' ', found)}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private async Task<long[]> KeysAsync(Expression<Func<ManyTypes, bool>> filter)
    {
        List<long> keys = [];
        await foreach (ManyTypes record in records.Collection.GetAsync(filter, 100)) keys.Add(record.Key);
        return [.. keys.Order()];
    }

    private async Task RefusedAsync(params (Expression<Func<ManyTypes, bool>> Filter, string Part)[] refused)
    {
        foreach ((Expression<Func<ManyTypes, bool>> filter, string part) in refused)
        {
            NotSupportedException e = await Assert.ThrowsAsync<NotSupportedException>(() => KeysAsync(filter));
            Assert.Contains(part, e.Message);
        }
    }

    private sealed class AnyCase : List<string>
    {
        public static bool Equals(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

        public new bool Contains(string item) => this.Any(other => Equals(other, item));
    }

    /// <summary>A collection that is not changed, and the records that it holds.</summary>
    public sealed class Records : IAsyncLifetime
    {
        private readonly StoreFixture _fixture = new();

        public ValoriCollection<long, ManyTypes> Collection { get; private set; } = null!;

        public VectorStoreCollection<object, Dictionary<string, object?>> Dynamic { get; private set; } = null!;

        public List<ManyTypes> All { get; } =
        [
            new() { Key = 1, Bool = true, NullableBool = true, Byte = 8, SByte = -1, Short = -8, UShort = ushort.MaxValue, Int = 8, NullableInt = 8, UInt = uint.MaxValue, Long = Large, ULong = 8, NullableULong = 8,
                Float = 0.1f, Double = 0.1, NullableDouble = 1, Decimal = 1.5m, NullableDecimal = -1, String = "foo", Guid = SomeGuid, DateTime = Noon, DateTimeOffset = Then, NullableTime = Then,
                DateOnly = new(2026, 1, 1), TimeOnly = new(12, 0), Bytes = [1, 2], Strings = ["x", "y"], StringList = ["x", "y"], Ints = [8], Doubles = [0.1], Times = [Noon], Guids = [SomeGuid] },
            new() { Key = 2, Byte = 255, SByte = 127, Short = short.MaxValue, Int = 9, UInt = 1, Long = Large + 1, ULong = ulong.MaxValue, Float = -0.1f, Double = -0.1, Decimal = -1.5m, String = "bar",
                Guid = new("7fffffff-ffff-4fff-bfff-ffffffffffff"), DateTime = DateTime.SpecifyKind(Noon, DateTimeKind.Utc), DateTimeOffset = Then.AddTicks(1), NullableTime = Then.AddTicks(-1),
                DateOnly = new(2025, 12, 31), TimeOnly = new(11, 59, 59), Strings = ["a", "b"], StringList = [], Ints = [], Doubles = [], Times = [] },
            new() { Key = 3, Bool = true, NullableBool = false, Int = int.MaxValue, NullableInt = int.MinValue, Long = long.MaxValue, ULong = ulong.MaxValue - 1, NullableULong = 0, Float = float.MaxValue, Double = double.MaxValue,
                NullableDouble = -1, Decimal = decimal.MaxValue, NullableDecimal = 0.1m, String = "", Guid = Guid.Empty, DateTime = DateTime.SpecifyKind(Noon.AddTicks(1), DateTimeKind.Local),
                DateTimeOffset = Then.AddTicks(-1), DateOnly = DateOnly.MaxValue, TimeOnly = TimeOnly.MaxValue, Strings = ["x", "z"], Ints = [1, 9] },
            new() { Key = -1, Int = int.MinValue, Long = long.MinValue, Double = -0.0, Decimal = -1.55m, String = "ünï\U0001F600", Guid = new("ffffffff-0000-4000-8000-000000000000"), DateTime = Noon.AddTicks(-1) },
            new() { Key = long.MinValue, Bool = true, Int = 16_777_217, Long = Large - 1, Double = double.Epsilon, Decimal = decimal.MinValue, String = "fo", DateTime = DateTime.MaxValue, DateTimeOffset = DateTimeOffset.MaxValue },
            new() { Key = long.MaxValue, Int = 16_777_216, Long = 8, NullableInt = 7, Decimal = 0.0000000000000000000000000001m, String = "Foo", Bytes = [], Strings = [] },
        ];

        public async Task InitializeAsync()
        {
            Collection = await _fixture.NewAsync<long, ManyTypes>("many");
            await Collection.UpsertAsync(All);
            Dynamic = _fixture.Store.GetDynamicCollection("many", Definitions.OfManyTypes());
        }

        public Task<ValoriCollection<object, Dictionary<string, object?>>> NewDynamicAsync(string name, params VectorStoreProperty[] properties) =>
            _fixture.NewDynamicAsync(name, new VectorStoreCollectionDefinition { Properties = properties });

        public async Task DisposeAsync() => await _fixture.DisposeAsync();
    }
}
