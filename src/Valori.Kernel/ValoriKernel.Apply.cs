using Valori.Protocol;

namespace Valori.Kernel;

internal sealed partial class ValoriKernel
{
    /// <summary>
    /// Applies an event: the only mutation there is. Total for every event that <see cref="Decide"/> returned for the present
    /// state. Costs about two hashes for one change, one pass for a batch.
    /// </summary>
    /// <exception cref="ArgumentException">The event cannot follow the present state; nothing was changed. Only a journal
    /// that was tampered with holds such an event.</exception>
    /// <exception cref="InsufficientMemoryException">There is no room for it here; nothing was changed. The kernel that decided it had freed memory.</exception>
    public void Apply(Event happened)
    {
        if (ContradictionOf(happened) is { } reason) throw new ArgumentException(reason, nameof(happened));
        _tables.Version++;
        happened.Apply(_tables);
        _stateHash = null;
        _fresh?.Add(happened);
        Invariant.Holds(_tables.RecordTree.Count <= _tables.RecordSlots && _tables.LiveRecords <= _tables.RecordSlots);
        Invariant.Holds(_tables.LiveAttributed <= _tables.LiveRecords);
        Invariant.Holds(_tables.LiveAttributedInGraph <= _tables.LiveNodes + _tables.LiveEdges);
        Invariant.Holds(_tables.NodeTree.Count == _tables.NodeSlots && _tables.LiveNodes <= _tables.NodeSlots);
        Invariant.Holds(_tables.EdgeTree.Count == _tables.EdgeSlots && _tables.LiveEdges <= _tables.EdgeSlots);
    }

    /// <summary>The first of the records that an event is about to replace, and how many they are.</summary>
    internal (ulong First, int Count) ReplacedBy(Event happened) => happened.ReplacedBy(_tables);

    private string? ContradictionOf(Event happened)
    {
        _tables.IsApplying = true;
        try
        {
            return happened.Contradiction(_tables);
        }
        finally
        {
            _tables.IsApplying = false;
        }
    }
}
