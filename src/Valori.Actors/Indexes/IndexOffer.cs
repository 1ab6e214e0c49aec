using Valori.Kernel;
using Valori.Kernel.Proximity;

namespace Valori.Actors.Indexes;

/// <summary>What searches of one engine can use. Immutable; another one takes its place.</summary>
/// <param name="Served">Null if there is no graph.</param>
/// <param name="Otherwise">Why there is none, of a collection with records enough.</param>
/// <param name="IsAsked">Whether the graph is known to be wanted.</param>
/// <param name="MinimumRecords">Ids below which a collection gets no graph.</param>
internal sealed record IndexOffer(ServedIndex? Served, string Otherwise, bool IsAsked, ulong MinimumRecords)
{
    /// <summary>Before the engine has recovered.</summary>
    public static IndexOffer None { get; } = new(null, "the collection has no proximity graph", IsAsked: false, MinimumRecords: 0);

    /// <summary>Why searches of a View are exact, for answers.</summary>
    public string WhyNone(View view) => view.RecordSlots < MinimumRecords ? $"the collection has fewer than {MinimumRecords} records (valori.index.min-records)" : Otherwise;
}

/// <summary>A graph that searches of one kernel can use.</summary>
/// <param name="kernel">Of the kernel (<see cref="View.KernelIdentity"/>).</param>
internal sealed class ServedIndex(ProximityIndex index, object kernel)
{
    public ProximityIndex Index { get; } = index;

    /// <summary>Whether it is of the View's kernel: a recovery and a restore make another one.</summary>
    public bool Serves(View view) => ReferenceEquals(view.KernelIdentity, kernel);
}
