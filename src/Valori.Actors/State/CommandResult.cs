using Valori.Actors.Protocol;
using Valori.Kernel;

namespace Valori.Actors.State;

/// <summary>What a command did: the ids are known at once, the rest when the journal entry around it is closed.</summary>
internal sealed class CommandResult
{
    // With a transaction, in which the ids are those of records.
    private readonly IdRange _nodes, _edges;

    private Receipt? _receipt;

    public CommandResult(Event happened)
    {
        Ids = happened.ReceiptIds;
        if (happened is Transacted transacted) (_nodes, _edges) = (transacted.Created(ContentKind.Node), transacted.Created(ContentKind.Edge));
    }

    /// <summary>The result of a command that was recorded before.</summary>
    public CommandResult(Receipt receipt)
    {
        _receipt = receipt;
        Ids = (receipt.FirstId, receipt.Count);
    }

    /// <summary>The first id that it created and how many, or the id that it was about and 0.</summary>
    public (ulong First, int Count) Ids { get; }

    public Receipt Receipt => _receipt ?? throw new InvalidOperationException("the entry of this command is not closed yet");

    /// <param name="entry">The receipt of the entry, whatever its ids.</param>
    public void Complete(Receipt entry) => _receipt = entry with { FirstId = Ids.First, Count = Ids.Count, Nodes = _nodes, Edges = _edges };
}
