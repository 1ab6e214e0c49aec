using System.Diagnostics.CodeAnalysis;
using Valori.Actors.Protocol;

namespace Valori.Actors.Engine;

/// <summary>The newest requests with their results, in the order in which they were carried out.</summary>
/// <param name="limit">Past it the oldest one is forgotten.</param>
internal sealed class RememberedRequests(int limit)
{
    private readonly Dictionary<RequestId, CommandResult> _results = [];
    private readonly Queue<RequestId> _order = [];

    public int Count => _order.Count;

    public bool TryGet(RequestId id, [NotNullWhen(true)] out CommandResult? result) => _results.TryGetValue(id, out result);

    public void Add(RequestId id, CommandResult result)
    {
        // Only a journal that was written under a smaller limit holds an id twice: the later one counts.
        if (!_results.TryAdd(id, result))
        {
            _results[id] = result;
            return;
        }
        _order.Enqueue(id);
        if (_order.Count > limit) _results.Remove(_order.Dequeue());
    }

    /// <summary>All of them, oldest first. Every result must be complete.</summary>
    public IReadOnlyList<(RequestId Request, Receipt Receipt)> ToList() => [.. _order.Select(id => (id, _results[id].Receipt))];

    /// <summary>Takes the place of what was remembered.</summary>
    public void Replace(IReadOnlyList<(RequestId Request, Receipt Receipt)> requests)
    {
        _results.Clear();
        _order.Clear();
        foreach ((RequestId id, Receipt receipt) in requests) Add(id, new CommandResult(receipt));
    }
}
