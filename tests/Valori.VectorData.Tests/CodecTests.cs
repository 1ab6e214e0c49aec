using System.Globalization;
using System.Text;
using Valori.VectorData.Values;

namespace Valori.VectorData.Tests;

/// <summary>What is stored of a value is the value, and stored values have the order of the values.</summary>
public sealed class CodecTests
{
    /// <summary>Collections are stored in these forms: if one of them changes, compatibility is broken.</summary>
    [Fact]
    public void The_stored_forms_never_change()
    {
        Assert.Equal("true 8 -8 18446744073709551615", Data(true, (byte)8, -8, ulong.MaxValue));
        Assert.Equal("0.10000000149011612 0.1", Data(0.1f, 0.1));
        Assert.Equal("00000000000000000000000000001.5 -99999999999999999999999999998.4~ 00000000000000000000000000000 -99999999999999999999999999998~", Data(1.50m, -1.5m, 0m, -1m));
        Assert.Equal("79228162514264337593543950335 00000000000000000000000000000.0000000000000000000000000001", Data(decimal.MaxValue, 0.0000000000000000000000000001m));
        Assert.Equal("foo 80000000-0000-4000-8000-00000000000a AQI=", Data("foo", new Guid("80000000-0000-4000-8000-00000000000A"), new byte[] { 1, 2 }));
        DateTime time = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Unspecified).AddTicks(6);
        Assert.Equal(
            "2026-01-02T03:04:05.0000006 2026-01-02T03:04:05.0000006Z 2026-01-02T03:04:05.0000006L",
            Data(time, DateTime.SpecifyKind(time, DateTimeKind.Utc), DateTime.SpecifyKind(time, DateTimeKind.Local)));
        Assert.Equal("2026-01-02T01:04:05.0000006Z 2026-01-02 03:04:05.0000006", Data(new DateTimeOffset(time, TimeSpan.FromHours(2)), DateOnly.FromDateTime(time), TimeOnly.FromDateTime(time)));
        Assert.Equal("foo 80000000-0000-4000-8000-00000000000a", Keys("foo", new Guid("80000000-0000-4000-8000-00000000000A")));
        Assert.Equal("0000000008 -2147483647 2147483647 -0000000000", Keys(8, -1, int.MaxValue, int.MinValue));
        Assert.Equal("0000000000000000008 -9223372036854775807 9223372036854775807 -0000000000000000000", Keys(8L, -1L, long.MaxValue, long.MinValue));
        Assert.Equal("00000000000000000008 18446744073709551615", Keys(8UL, ulong.MaxValue));
        Assert.Equal("[\"a\", \"b\"] [] [1, 2] [0.5]", $"{Codecs.OfData(typeof(string[]))!.Write(new[] { "a", "b" })} {Codecs.OfData(typeof(List<int>))!.Write(new List<int>())} "
            + $"{Codecs.OfData(typeof(List<int>))!.Write(new List<int> { 1, 2 })} {Codecs.OfData(typeof(float[]))!.Write(new[] { 0.5f })}");
    }

    public static TheoryData<int> Seeds => [1, 2, 3, Environment.TickCount];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_values_are_read_as_they_were_written_and_have_their_order(int seed)
    {
        Random random = new(seed);
        Check(() => random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64), Codecs.OfKey(typeof(long))!, "long");
        Check(() => (int)(random.NextInt64() >> random.Next(64)), Codecs.OfKey(typeof(int))!, "int");
        Check(() => (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64), Codecs.OfKey(typeof(ulong))!, "ulong");
        Check(() => (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64), Codecs.OfData(typeof(ulong))!, "ulong data");
        Check(RandomDecimal, Codecs.OfData(typeof(decimal))!, "decimal");
        Check(() => NewGuid(), Codecs.OfData(typeof(Guid))!, "Guid");
        Check(() => new DateTime(random.NextInt64(DateTime.MaxValue.Ticks)), Codecs.OfData(typeof(DateTime))!, "DateTime");
        Check(() => new DateTimeOffset(random.NextInt64(DateTime.MaxValue.Ticks / 2), TimeSpan.Zero), Codecs.OfData(typeof(DateTimeOffset))!, "DateTimeOffset");
        Check(() => DateOnly.FromDayNumber(random.Next(DateOnly.MaxValue.DayNumber)), Codecs.OfData(typeof(DateOnly))!, "DateOnly");
        Check(() => new TimeOnly(random.NextInt64(TimeOnly.MaxValue.Ticks)), Codecs.OfData(typeof(TimeOnly))!, "TimeOnly");

        decimal RandomDecimal() => new(random.Next(int.MinValue, int.MaxValue) >> random.Next(32), random.Next() >> random.Next(32), random.Next() >> random.Next(32), random.Next(2) == 0, (byte)random.Next(29));

        Guid NewGuid()
        {
            byte[] bytes = new byte[16];
            random.NextBytes(bytes);
            return new Guid(bytes);
        }

        void Check<T>(Func<T> next, ValueCodec codec, string name)
            where T : IComparable<T>
        {
            T[] values = [.. Enumerable.Range(0, 200).Select(_ => next())];
            foreach (T value in values) Assert.True(value.Equals(codec.Read(codec.Write(value))), $"{name}, seed {seed}: {value}");
            for (int i = 1; i < values.Length; i++)
            {
                int order = Bytes(codec.Write(values[i - 1])).AsSpan().SequenceCompareTo(Bytes(codec.Write(values[i])));
                Assert.True(Math.Sign(values[i - 1].CompareTo(values[i])) == Math.Sign(order), $"{name}, seed {seed}: {values[i - 1]} and {values[i]}");
            }
        }
    }

    [Theory]
    [InlineData(typeof(int), "x")]
    [InlineData(typeof(decimal), "1.5")]
    [InlineData(typeof(decimal), "00000000000000000000000000001.50")]
    [InlineData(typeof(DateTime), "2026-01-02")]
    [InlineData(typeof(DateTimeOffset), "2026-01-02T01:04:05.0000006")]
    [InlineData(typeof(Guid), "8000000000004000800000000000000a")]
    [InlineData(typeof(Guid), "80000000-0000-4000-8000-00000000000A")]
    [InlineData(typeof(byte[]), "*")]
    [InlineData(typeof(string[]), "x")]
    [InlineData(typeof(bool), "true")]
    public void What_is_not_a_stored_form_is_refused_with_its_value(Type type, string stored)
    {
        FormatException e = Assert.Throws<FormatException>(() => Codecs.OfData(type)!.Read(stored!));
        Assert.Contains($"\"{stored}\"", e.Message);
        Assert.Contains(type.Name, e.Message);
    }

    [Fact]
    public void Numbers_outside_the_type_are_refused_and_integers_are_doubles_too()
    {
        Assert.Throws<FormatException>(() => Codecs.OfData(typeof(byte))!.Read(256));
        Assert.Throws<FormatException>(() => Codecs.OfData(typeof(float))!.Read(0.1));
        Assert.Throws<FormatException>(() => Codecs.OfData(typeof(double))!.Read((1L << 53) + 1));
        Assert.Throws<FormatException>(() => Codecs.OfKey(typeof(int))!.Read("-2147483648"!));
        Assert.Throws<FormatException>(() => Codecs.OfKey(typeof(int))!.Read("3000000000"!));
        Assert.Equal(8.0, Codecs.OfData(typeof(double))!.Read(8));
    }

    private static string Data(params object[] values) => string.Join(' ', values.Select(value => Text(Codecs.OfData(value.GetType())!.Write(value))));

    private static string Keys(params object[] values) => string.Join(' ', values.Select(value => Text(Codecs.OfKey(value.GetType())!.Write(value))));

    private static string Text(FieldValue value) => value.Type == FieldValueType.String ? value.AsString() : string.Create(CultureInfo.InvariantCulture, $"{value}");

    private static byte[] Bytes(FieldValue value) => Encoding.UTF8.GetBytes(value.AsString());
}
