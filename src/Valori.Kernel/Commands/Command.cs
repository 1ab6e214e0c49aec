using Valori.Kernel;
using Valori.Kernel.Commands;
using Valori.Kernel.Wire;

namespace Valori.Protocol;

/// <summary>
/// A request to change the state. <see cref="ValoriKernel.Decide"/> answers it with an <see cref="Event"/> or a <see cref="Refusal"/>.
/// The kinds of command are those of <see cref="CommandKinds"/>; others cannot be derived.
/// </summary>
public abstract record Command : IWireFields
{
    private protected Command()
    {
    }

    /// <summary>What all commands of this kind have in common.</summary>
    internal abstract CommandKind CommandKind { get; }

    /// <summary>The first id that its receipt must name, null if the engine chooses it, and how many ids it creates.</summary>
    internal abstract (ulong? FirstId, int Created) ExpectedIds { get; }

    /// <summary>Bytes of content that it brings, which the engine's limits on size count.</summary>
    internal virtual long ContentBytes => 0;

    /// <summary>How many fields it removes by their names.</summary>
    internal virtual int RemovedNames => 0;

    /// <summary>Whether it is a step of a request that has had one before: such steps are remembered apart from other requests.</summary>
    internal virtual bool IsLaterStep => false;

    /// <summary>The name of a property that is null and must not be. Only this process's own code can leave one out.</summary>
    internal virtual string? MissingProperty => null;

    /// <summary>Why its filter is about a property that is not a field, or null (<see cref="Kernel.Filters.PropertyNames"/>).</summary>
    internal virtual Refusal? FilterFault => null;

    /// <summary>Checks the command against the state and returns the event that it leads to, or a refusal. Changes nothing.</summary>
    internal abstract Outcome<Event> Decide(ITables tables);

    /// <summary>The same command with other ids of what it is about, each named by the number of its field.</summary>
    internal abstract Command MapIds(IdMap map);

    /// <summary>Its fields as protobuf.</summary>
    internal abstract void WriteFields(ref WireWriter writer);

    /// <summary>
    /// What it asks for, for the digest that tells it from other commands (section 10 of docs/formats.md in Valori's repository). Frozen
    /// for each kind.
    /// </summary>
    internal abstract void AddTo(ref DigestMaterial digest);

    void IWireFields.WriteFields(ref WireWriter writer) => WriteFields(ref writer);
}
