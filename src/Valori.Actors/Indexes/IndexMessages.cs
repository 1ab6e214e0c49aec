using Akka.Actor;

namespace Valori.Actors.Indexes;

// Between a gateway and its index actor. Never leaves the process.

/// <summary>The engine has published a View that may need another graph: see what there is to do.</summary>
internal sealed record LookAtCollection : INoSerializationVerificationNeeded
{
    public static readonly LookAtCollection Instance = new();
}

/// <summary>A search would have used a graph.</summary>
internal sealed record IndexWanted : INoSerializationVerificationNeeded
{
    public static readonly IndexWanted Instance = new();
}

/// <summary>The index actor to its gateway: what searches can use from now on.</summary>
/// <param name="LookAgainAt">The number of record ids at which another graph is due.</param>
internal sealed record IndexOffered(IndexOffer Offer, ulong LookAgainAt) : INoSerializationVerificationNeeded;
