namespace Valori.Kernel;

public sealed partial class ValoriKernel
{
    /// <summary>
    /// Applies an event: the only mutation there is. Total for every event that <see cref="Decide"/> returned for the present
    /// state. Costs about two hashes for one change, one pass for a batch.
    /// </summary>
    /// <exception cref="ArgumentException">The event cannot follow the present state; nothing was changed. Only a journal
    /// that was tampered with holds such an event.</exception>
    public void Apply(Event happened)
    {
        if (happened.Contradiction(_tables) is { } reason) throw new ArgumentException(reason, nameof(happened));
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
}
