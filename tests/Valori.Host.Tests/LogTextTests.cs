using Akka.Event;
using Valori.Host.Logging;

namespace Valori.Host.Tests;

/// <summary>Lines of the log: expected failures by their messages, others with their stack trace.</summary>
public sealed class LogTextTests
{
    [Fact]
    public void An_expected_failure_is_its_messages_without_a_stack_trace()
    {
        Exception cause = new InvalidOperationException("outside", Thrown(new IOException("No space left on device")));
        Assert.Equal(("x: saved nothing: outside: No space left on device", null), LogText.Of(Line(cause, "x: saved nothing")));
        CorruptionException damaged = new("a.snapshot", 7, "magic", "nothing");
        Assert.Equal(("a.snapshot at 7: expected magic, found nothing", null), LogText.Of(Line(damaged, damaged.Message)));
    }

    [Fact]
    public void An_unexpected_failure_keeps_its_stack_trace()
    {
        Exception cause = Thrown(new InvalidOperationException("a bug"));
        (string text, Exception? unexpected) = LogText.Of(Line(cause, "a query failed"));
        Assert.Equal("a query failed", text);
        Assert.Same(cause, unexpected);
        Assert.Contains(nameof(Thrown), unexpected!.ToString());
    }

    [Fact]
    public void A_line_without_a_cause_is_its_text() => Assert.Equal(("all is well", null), LogText.Of(Line(null, "all is well")));

    private static Error Line(Exception? cause, string message) => new(cause, "source", typeof(LogTextTests), message);

    private static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
