using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Actors.State;

/// <summary>What a command did: the ids are known at once, the rest when the journal entry around it is closed.</summary>
internal sealed class CommandResult
{
    // With a transaction or a document, in which the ids are those of records.
    private readonly IdRange _nodes, _edges;
    private readonly (ulong First, int Count) _replaced;
    private readonly NodeId? _document;

    private Receipt? _receipt;

    /// <param name="replaced">What <see cref="ValoriKernel.ReplacedBy"/> said before the event was applied.</param>
    public CommandResult(Event happened, (ulong First, int Count) replaced)
    {
        Ids = happened.ReceiptIds;
        if (happened.HasMixedIds) (_nodes, _edges) = (happened.Created(ContentKind.Node), happened.Created(ContentKind.Edge));
        _replaced = replaced;
        _document = happened.Document;
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
    public void Complete(Receipt entry) => _receipt = entry with
    {
        FirstId = Ids.First,
        Count = Ids.Count,
        Nodes = _nodes,
        Edges = _edges,
        FirstReplaced = _replaced.First,
        Replaced = _replaced.Count,
        Document = _document,
    };
}
