using Valori.Actors.State;
using Valori.Actors.Text;

namespace Valori.Actors.Tests.Serialization;

/// <summary>Times that can be written can be read, and what users print fits a line.</summary>
public sealed class TimeAndTextTests
{
    private const int LineLength = 200;

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(253_402_300_799_999_999)]
    [InlineData(253_402_300_800_000_000)]
    [InlineData(-62_135_596_800_000_000)]
    [InlineData(-62_135_596_800_000_001)]
    public void Every_time_that_is_written_is_read_as_what_it_was(long unixMicroseconds)
    {
        Assert.True(Iso8601.TryParse(Iso8601.Format(unixMicroseconds), out long read), Iso8601.Format(unixMicroseconds));
        Assert.Equal(unixMicroseconds, read);
    }

    [Theory]
    [InlineData("x microseconds since 1970")]
    [InlineData(" microseconds since 1970")]
    [InlineData("99999999999999999999 microseconds since 1970")]
    [InlineData("03-04-2027")]
    [InlineData("2027-11")]
    [InlineData("2027-11-25T13:00:00+0100")]
    public void What_is_written_otherwise_is_not_a_time(string text) => Assert.False(Iso8601.TryParse(text, out _));

    [Theory]
    [InlineData("4\0")]
    [InlineData("20\0\0")]
    [InlineData("\04")]
    [InlineData("4 ")]
    [InlineData("0x4")]
    [InlineData("\u0664")]
    [InlineData("2026-11-25T13:00:00Z\0")]
    [InlineData("4 microseconds since 1970\0")]
    [InlineData("4\0 microseconds since 1970")]
    [InlineData("")]
    [InlineData("+")]
    [InlineData("-")]
    public void Nothing_but_digits_is_a_whole_number(string text)
    {
        Assert.False(WholeNumbers.TryParse(text, out ulong _));
        Assert.False(WholeNumbers.TryParse(text, out byte _));
        Assert.False(WholeNumbers.TryParseSigned(text, out int _));
        Assert.False(WholeNumbers.TryParseSigned("-" + text, out long _));
        Assert.False(Iso8601.TryParse(text, out _));
        Assert.Equal(RefusalKind.InvalidArgument, AsOf.Parse(text).Refusal?.Kind);
    }

    [Fact]
    public void Digits_are_the_number_that_they_say_if_it_fits()
    {
        Assert.True(WholeNumbers.TryParse("18446744073709551615", out ulong number) && number == ulong.MaxValue);
        Assert.True(WholeNumbers.TryParse("007", out byte small) && small == 7);
        Assert.True(WholeNumbers.TryParseSigned("-9223372036854775808", out long least) && least == long.MinValue);
        Assert.False(WholeNumbers.TryParse("-1", out long _));
        Assert.False(WholeNumbers.TryParse("+1", out long _));
        Assert.False(WholeNumbers.TryParse("256", out byte _));
        Assert.False(WholeNumbers.TryParseSigned("2147483648", out int _));
    }

    /// <summary>A system whose clock is set past the year 9999 hands on ticks that no DateTimeOffset may have.</summary>
    [Fact]
    public void A_clock_beyond_the_year_9999_stands_at_its_end()
    {
        Assert.Equal("9999-12-31T23:59:59.999999Z", Iso8601.Format(Clock.ToUnixMicroseconds(DateTimeOffset.MaxValue.Ticks + TimeSpan.TicksPerDay * 400)));
        Assert.Equal("0001-01-01T00:00:00.000000Z", Iso8601.Format(Clock.ToUnixMicroseconds(-1)));
        Assert.Equal(1_000_000, Clock.ToUnixMicroseconds(DateTimeOffset.UnixEpoch.Ticks + TimeSpan.TicksPerSecond));
    }

    [Fact]
    public void What_is_finer_than_a_microsecond_is_cut_off_before_1970_as_after_it()
    {
        foreach ((long ticks, long microseconds) in new (long, long)[] { (19, 1), (10, 1), (9, 0), (-1, -1), (-10, -1), (-11, -2) })
        {
            DateTimeOffset time = DateTimeOffset.UnixEpoch.AddTicks(ticks);
            Assert.Equal(microseconds, ((FieldValue)time).AsUnixMicroseconds());
            Assert.Equal(microseconds, new NewRecord(default) { ExpiresAt = time }.ToAttributes().ExpiresAtUnixMicroseconds);
            Assert.Equal(AsOf.Time(DateTimeOffset.UnixEpoch.AddTicks(10 * microseconds)), AsOf.Time(time));
        }
    }

    [Fact]
    public async Task An_engine_at_the_end_of_time_gives_receipts_that_can_be_read()
    {
        using TemporaryDirectory directory = new();
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(directory.Path, new ValoriOptions { Dimension = 2, Time = new LastMoment(), Configuration = Audit.WrittenHistory.Quiet });
        foreach (Receipt receipt in new[] { (await engine.InsertAsync(new float[2])).Receipt, (await engine.InsertAsync(new float[2])).Receipt })
        {
            Assert.True(Iso8601.TryParse(Iso8601.Format(receipt.UnixMicroseconds), out long read));
            Assert.Equal(receipt.UnixMicroseconds, read);
        }
        Assert.Equal(2UL, await engine.RecordCountAsync(AsOf.Time(DateTimeOffset.MaxValue)));
    }

    [Fact]
    public void What_a_command_returns_prints_in_a_line()
    {
        Digest hash = Digest.Of("a hash"u8);
        Receipt receipt = new(17, 1_795_784_400_000_000, hash, hash, hash, 3, 1), batch = receipt with { Count = 10 };
        Assert.Equal("event 17 of 2026-11-27T13:00:00.000000Z, FirstId 3, Count 1", receipt.ToString());
        Assert.Equal("event 17 of 2026-11-27T13:00:00.000000Z, FirstId 3, Count 10", batch.ToString());
        Assert.Equal("record 3 at event 17", new Created<RecordId>(new RecordId(3), receipt).ToString());
        Assert.Equal("node 3 at event 17", new Created<NodeId>(new NodeId(3), receipt).ToString());
        Assert.Equal("edge 3 at event 17", new Created<EdgeId>(new EdgeId(3), receipt).ToString());
        Assert.Equal("records 3 to 12 at event 17", new CreatedRecords(batch).ToString());
        Assert.Equal("record 3 at event 17", new CreatedRecords(receipt).ToString());
        Assert.Equal("no records at event 17", new CreatedRecords(receipt with { Count = 0 }).ToString());
        Assert.Equal($"event 17 with state hash {hash}", receipt.Place.ToString());
        Assert.InRange(new EngineStatus("notes", new EngineSchema(2), 3, 4, hash, hash, hash, 5, 6, 7, 8, 9, 10).ToString().Length, 1, LineLength);
    }

    private sealed class LastMoment : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.MaxValue;
    }
}
