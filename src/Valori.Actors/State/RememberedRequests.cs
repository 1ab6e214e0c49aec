using System.Diagnostics.CodeAnalysis;
using Valori.Actors.Entries;
using Valori.Protocol;

namespace Valori.Actors.State;

/// <summary>The newest requests with their results. The later steps of requests (<see cref="Command.IsLaterStep"/>) take no places of others.</summary>
/// <param name="limit">Past it the oldest one is forgotten; the same of later steps.</param>
internal sealed class RememberedRequests(int limit)
{
    private readonly Dictionary<RequestId, Remembered> _requests = [];

    // In the order in which they were carried out.
    private readonly Queue<RequestId> _order = [], _orderOfSteps = [];

    public int Count => _requests.Count;

    /// <summary>
    /// What to answer if a command comes with an id that is remembered: the first one's <see cref="CommandResult"/>, or a
    /// refusal if it is another command. False if the id is new.
    /// </summary>
    public bool TryAnswer(RequestId id, Command command, [NotNullWhen(true)] out object? answer)
    {
        answer = !_requests.TryGetValue(id, out Remembered remembered) ? null
            : IsOf(remembered, command) ? remembered.Result
            : Reused(id, remembered.Result);
        return answer is not null;
    }

    /// <param name="command">The <see cref="CommandDigest"/> of what was asked for.</param>
    public void Add(RequestId id, CommandResult result, Digest command, bool isLaterStep) => Add(id, new Remembered(result, command, isLaterStep));

    /// <summary>All of them, oldest first, and then the later steps. Every result must be complete.</summary>
    public IReadOnlyList<KeptRequest> ToList() =>
        [.. _order.Concat(_orderOfSteps).Select(id => new KeptRequest(id, _requests[id].Result.Receipt, _requests[id].Command, _requests[id].IsLaterStep))];

    /// <summary>Takes the place of what was remembered.</summary>
    public void Replace(IEnumerable<KeptRequest> requests)
    {
        Dictionary<RequestId, Remembered> known = new(_requests);
        Clear();
        foreach ((RequestId id, Receipt receipt, Digest? command, bool isLaterStep) in requests)
        {
            // A list from before there were digests does not make us forget one that the event told.
            Digest? digest = command ?? (known.TryGetValue(id, out Remembered same) && same.Result.Receipt.SequenceNr == receipt.SequenceNr ? same.Command : null);
            Add(id, new Remembered(new CommandResult(receipt), digest, isLaterStep));
        }
    }

    /// <summary>Forgets those that were carried out after an event. Every result must be complete.</summary>
    public void ForgetAfter(long sequenceNr)
    {
        IReadOnlyList<KeptRequest> all = ToList();
        Replace(all.Where(kept => kept.Receipt.SequenceNr <= sequenceNr));
    }

    private void Add(RequestId id, Remembered remembered)
    {
        // Only a journal that was written under a smaller limit holds an id twice: the later one counts.
        if (!_requests.TryAdd(id, remembered))
        {
            _requests[id] = remembered;
            return;
        }
        Queue<RequestId> order = remembered.IsLaterStep ? _orderOfSteps : _order;
        order.Enqueue(id);
        if (order.Count > limit) _requests.Remove(order.Dequeue());
    }

    private void Clear()
    {
        _requests.Clear();
        _order.Clear();
        _orderOfSteps.Clear();
    }

    /// <summary>Without a digest only what the receipt tells can be compared: how many ids were created, or which one it was about.</summary>
    private static bool IsOf(Remembered remembered, Command command)
    {
        if (remembered.Command is { } digest) return CommandDigest.Of(command) == digest;
        (ulong firstId, int count) = remembered.Result.Ids;
        (ulong? expected, int created) = command.ExpectedIds;
        return (expected ?? firstId, created) == (firstId, count);
    }

    private static Refusal Reused(RequestId id, CommandResult first)
    {
        (ulong firstId, int count) = first.Ids;
        return new Refusal(RefusalKind.RequestIdReused,
            $"the request id '{id}' was already used for another command, which got a receipt with the first id {firstId} and the count {count}; nothing was done. Every command needs its own id");
    }

    /// <param name="Command">Null if only a list from before there were digests tells of the request.</param>
    private readonly record struct Remembered(CommandResult Result, Digest? Command, bool IsLaterStep);
}
