using Valori.Host.Logging;

namespace Valori.Host.Tests;

/// <summary>Lines that come again and again are written once in an interval, with how many they were.</summary>
public sealed class RepeatedLinesTests
{
    [Fact]
    public void The_first_of_a_kind_is_written_and_the_others_are_counted_until_its_interval_ends()
    {
        RepeatedLines lines = new();
        Assert.True(lines.Begins("dropped", "message 1"));
        Assert.True(lines.Begins("other", "a"));
        for (int i = 2; i <= 5; i++) Assert.False(lines.Begins("dropped", $"message {i}"));
        Assert.Equal("4 more lines like this one, which is the last: message 5", lines.End("dropped"));
        Assert.Null(lines.End("other"));
        Assert.True(lines.Begins("other", "b"));
    }

    [Fact]
    public void While_they_go_on_each_interval_has_one_line_and_behind_a_quiet_one_the_next_is_written_at_once()
    {
        RepeatedLines lines = new();
        Assert.True(lines.Begins("dropped", "1"));
        Assert.False(lines.Begins("dropped", "2"));
        Assert.Equal("2", lines.End("dropped"));
        Assert.False(lines.Begins("dropped", "3"));
        Assert.False(lines.Begins("dropped", "4"));
        Assert.Equal("2 more lines like this one, which is the last: 4", lines.End("dropped"));
        Assert.Null(lines.End("dropped"));
        Assert.True(lines.Begins("dropped", "5"));
    }
}
