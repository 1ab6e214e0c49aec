using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>
/// Carries out several commands, in order, as one event, or none of them. A later one finds what the earlier ones did, and may be about
/// what they create (<see cref="Reference"/>).
/// </summary>
public sealed record Transact(IReadOnlyList<TransactionPart> Parts) : Command, IWireReadable<Transact>
{
    internal static readonly CommandKind ThisKind = CommandKind.Of<Transact, Transacted>(
        28, 14,
        new EventText(
            (first, count) => FormattableString.Invariant($"transaction with {count} records from {first} on"),
            count => FormattableString.Invariant($"{count:N0} {(count == 1 ? "command" : "commands")} in transactions")),
        creates: ContentKind.Record, standsAlone: true);

    internal override CommandKind CommandKind => ThisKind;

    /// <summary>Of the records.</summary>
    internal override (ulong? FirstId, int Created) ExpectedIds =>
        (null, Parts.Sum(part => part.Command.CommandKind.Creates == ContentKind.Record ? part.Command.ExpectedIds.Created : 0));

    internal override long ContentBytes => Parts.Sum(part => part.ContentBytes);

    internal override string? MissingProperty
    {
        get
        {
            if (Parts is null) return nameof(Parts);
            for (int i = 0; i < Parts.Count; i++)
            {
                if ((Parts[i] is null ? "" : Parts[i].MissingProperty is { } missing ? $".{missing}" : null) is { } name) return $"{nameof(Parts)}[{i}]{name}";
            }
            return null;
        }
    }

    internal override Outcome<Event> Decide(ITables tables)
    {
        if (Parts.Count == 0) return new Refusal(RefusalKind.InvalidArgument, "the transaction has no commands");
        if (Parts.Count > Limits.MaximumCommands)
            return new Refusal(RefusalKind.LimitExceeded, $"the transaction has {Parts.Count} commands; the limit is {Limits.MaximumCommands}: split it");
        StagedTables staged = new(tables);
        ResolvedIds ids = new(tables);
        Event[] happened = new Event[Parts.Count];
        long fieldBytes = 0;
        for (int i = 0; i < happened.Length; i++)
        {
            if (!Decide(Parts[i], staged, ids).TryGet(out Event? one, out Refusal? refusal)) return refusal with { Message = $"command {i}: {refusal.Message}" };
            one.Apply(staged);
            fieldBytes += (long)Parts[i].Command.RemovedNames * Limits.RemovedNameBytes;
            if (fieldBytes + staged.ReadBytes + staged.RewrittenBytes > Limits.MaximumChangedFieldBytes) return TooManyFields(i);
            ids.Add(one);
            happened[i] = one;
        }
        return new Transacted(happened, staged.RewrittenBytes);
    }

    internal override Command MapIds(IdMap map) => throw new InvalidOperationException("a transaction is not part of another one");

    internal override void WriteFields(ref WireWriter writer)
    {
        foreach (TransactionPart part in Parts) writer.Message(1, part);
    }

    static Transact IWireReadable<Transact>.Read(ref WireReader reader)
    {
        List<TransactionPart> parts = [];
        while (reader.OptionalMessage(1, ReadPart) is { } part) parts.Add(part);
        return new Transact(parts);
    }

    internal override void AddTo(ref DigestMaterial digest)
    {
        digest.Add(Parts.Count);
        foreach (TransactionPart part in Parts) part.AddTo(ref digest);
    }

    private static Outcome<Event> Decide(TransactionPart part, StagedTables staged, ResolvedIds ids)
    {
        if (part.Command.CommandKind.StandsAlone)
            return new Refusal(RefusalKind.InvalidArgument, $"a transaction cannot hold {part.Command.GetType().Name}: {AdviceFor(part.Command)}");
        return ids.Resolve(part).TryGet(out Command? command, out Refusal? refusal) ? command.Decide(staged) : refusal;
    }

    private static Refusal TooManyFields(int command) => new(
        RefusalKind.LimitExceeded,
        $"command {command}: with it, the transaction reads and writes more than {Limits.MaximumChangedFieldBytes} bytes of fields (64 MiB), as each change "
        + "reads all fields of what it changes and writes them again: split it");

    private static string AdviceFor(Command command) =>
        command is Transact ? "put its commands in its place" : command.CommandKind.IsOfEngine ? "only the engine itself carries it out" : "send it alone";

    private static TransactionPart ReadPart(ref WireReader reader) => ReadAs<TransactionPart>(ref reader);

    private static T ReadAs<T>(ref WireReader reader) where T : IWireReadable<T> => T.Read(ref reader);
}

/// <summary>All of these happened, in order, as one event.</summary>
public sealed record Transacted(IReadOnlyList<Event> Parts) : Event, IWireReadable<Transacted>
{
    private readonly long _rewrittenBytes;

    internal Transacted(IReadOnlyList<Event> parts, long rewrittenBytes)
        : this(parts) => _rewrittenBytes = rewrittenBytes;

    internal override CommandKind CommandKind => Transact.ThisKind;

    /// <summary>Of the records.</summary>
    internal override (ulong First, int Count) Ids => Created(ContentKind.Record) is var records ? (records.First, records.Count) : default;

    internal override long RewrittenBytes => _rewrittenBytes;

    internal override bool HasMixedIds => true;

    internal override bool AddsContent => Parts.Any(part => part.AddsContent);

    internal override Command Command => new Transact(new ReferredIds(Parts).Parts());

    internal override IdRange Created(ContentKind kind)
    {
        IdRange range = default;
        foreach (Event part in Parts)
        {
            if (part.Created(kind) is { Count: > 0 } more) range = new IdRange(range.Count == 0 ? more.First : range.First, range.Count + more.Count);
        }
        return range;
    }

    internal override void Apply(ITables tables)
    {
        foreach (Event part in Parts) part.Apply(tables);
    }

    internal override void WriteFields(ref WireWriter writer)
    {
        foreach (Event part in Parts) writer.Message(1, new OneEvent(part));
    }

    static Transacted IWireReadable<Transacted>.Read(ref WireReader reader)
    {
        List<Event> parts = [];
        while (reader.OptionalMessage(1, ReadPart) is { } part) parts.Add(part);
        return new Transacted(parts);
    }

    public bool Equals(Transacted? other) => other is not null && Parts.SequenceEqual(other.Parts);

    public override int GetHashCode()
    {
        HashCode hash = new();
        foreach (Event part in Parts) hash.Add(part);
        return hash.ToHashCode();
    }

    // As for the command, one within another is refused before it is read.
    private static Event ReadPart(ref WireReader reader) => CommandKinds.OfEvent(reader.Number) is { StandsAlone: false } kind
        ? reader.Message(kind.EventNumber, kind.ReadEvent)
        : throw new FormatException($"{reader.Number} is not the number of an event that a transaction can hold");

    private readonly struct OneEvent(Event happened) : IWireFields
    {
        public void WriteFields(ref WireWriter writer) => writer.Message(happened.CommandKind.EventNumber, happened);
    }
}
