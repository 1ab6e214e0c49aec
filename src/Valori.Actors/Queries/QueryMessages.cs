using System.Diagnostics;
using Akka.Actor;
using Valori.Actors.Indexes;
using Valori.Actors.Journal;
using Valori.Actors.State;
using Valori.Kernel.Search;

namespace Valori.Actors.Queries;

// Between a gateway and its query actors. Never leaves the process.

/// <summary>What query actors must know of the engine whose question they answer. One a gateway.</summary>
/// <param name="Costly">Takes what turns out to be costly, too.</param>
/// <param name="Lanes">Of all engines of the process.</param>
/// <param name="Published">The newest state, for what waits for the next one.</param>
internal sealed record QueriedEngine(string Name, IActorRef Gateway, JournalReader Journal, QueryLanes Lanes, PublishedView Published, QueryEntrance Costly)
{
    private volatile bool _isDropped;
    private volatile IndexOffer _index = IndexOffer.None;
    private int _isIndexWanted;

    /// <summary>Whether the collection was dropped, so that its journal is not there to be read. Set by the gateway.</summary>
    public bool IsDropped
    {
        get => _isDropped;
        set => _isDropped = value;
    }

    /// <summary>What approximate searches can use. Set by the gateway.</summary>
    public IndexOffer Index
    {
        get => _index;
        set
        {
            _index = value;
            if (!value.IsAsked) Volatile.Write(ref _isIndexWanted, 0);
        }
    }

    /// <summary>Lets the gateway know, once, that a search would have used a graph.</summary>
    public void WantIndex()
    {
        if (!_index.IsAsked && Interlocked.Exchange(ref _isIndexWanted, 1) == 0) Gateway.Tell(IndexWanted.Instance);
    }
}

/// <summary>A question together with the View that answers it, the one who asked, and the engine that was asked.</summary>
internal sealed record QueryWork(Protocol.Query Query, DurableView View, IActorRef Client, QueriedEngine Engine) : INoSerializationVerificationNeeded
{
    /// <summary>When the engine got the question: the time that it may take begins there (<see cref="Stopwatch"/>).</summary>
    public long Arrived { get; } = Stopwatch.GetTimestamp();

    /// <summary>When nobody waits for the answer any more (<see cref="Stopwatch"/>); 0 for never.</summary>
    public long Deadline { get; init; }

    /// <summary>The caller's; default if it is not traced.</summary>
    public ActivityContext Trace { get; init; }
}

/// <summary>A search that was begun and may be shared; the actor that finishes it answers.</summary>
/// <param name="Run">Null if a proximity graph found the hits: then there is nothing to share.</param>
/// <param name="Stop">Null if it cannot run long.</param>
internal sealed record SearchShare(SearchRun? Run, Func<SearchHit[][], ReadMeter, object> ToReply, IActorRef Client, QueriedEngine Engine, QueryStop? Stop)
    : INoSerializationVerificationNeeded;

/// <summary>The hits of a search whose answer takes more than what an ordinary query may read. For the costly lane.</summary>
internal sealed record SearchEnd(SearchShare Share, SearchHit[][] Hits) : INoSerializationVerificationNeeded;
