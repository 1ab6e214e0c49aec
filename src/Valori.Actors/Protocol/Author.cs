namespace Valori.Protocol;

/// <summary>
/// Who asked for a command, as the process that runs the engine knows it: 1 to 64 visible ASCII characters. It is written beside the event and is
/// no part of the state.
/// </summary>
internal sealed record Author
{
    /// <summary>The maximum number of characters.</summary>
    public const int MaximumLength = RequestId.MaximumLength;

    private Author(string value) => Value = value;

    public string Value { get; }

    /// <summary>The author of this text, or a refusal that says what is wrong with it.</summary>
    public static Outcome<Author> Of(string text) => RequestId.Fault(text) is { } fault
        ? new Refusal(RefusalKind.InvalidArgument, $"the author {fault}; it must have 1 to {MaximumLength} visible ASCII characters")
        : new Author(text);

    /// <exception cref="ArgumentException">It is not an author.</exception>
    public static Author Parse(string text) =>
        Of(text).TryGet(out Author? author, out Refusal? refusal) ? author : throw new ArgumentException(refusal.Message, nameof(text));

    public override string ToString() => Value;
}

/// <summary>
/// A command with its author, and its name if it has one. It has no form on the wire: a client of another process could claim to be anybody.
/// </summary>
internal sealed record Authored(Author Author, RequestId? Id, Command Command);
