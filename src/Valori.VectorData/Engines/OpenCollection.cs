using Valori.VectorData.Model;

namespace Valori.VectorData.Engines;

/// <summary>A collection that is open.</summary>
/// <param name="Mark">Null of one that something else than VectorData made.</param>
internal sealed record OpenCollection(ValoriEngine Engine, CollectionMark? Mark)
{
    /// <exception cref="RefusedException">It is not what the definition describes.</exception>
    public void Check(string name, CollectionShape shape)
    {
        Refusal? refusal = Mark?.DifferenceFrom(shape, name) is { } difference ? new Refusal(RefusalKind.Conflict, difference) : shape.Schema.CheckAgainst(Engine.Schema, name);
        if (refusal is not null) throw new RefusedException(refusal);
    }
}
