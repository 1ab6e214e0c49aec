using Valori.VectorData.Model;

namespace Valori.VectorData.Engines;

/// <summary>
/// What a collection of VectorData has that no schema of an engine says: the type of its keys, and whether its records have vectors. It is the fields
/// of a document without chunks, so it is journaled and proven as all content is. Frozen: collections are opened by it.
/// </summary>
/// <param name="KeyType">The name of the .NET type.</param>
internal sealed record CollectionMark(string KeyType, bool HasVectors)
{
    private const string Key = "valori.vectordata", KeyTypeField = "key_type", VectorsField = "vectors";

    public static CollectionMark Of(CollectionShape shape) => new(shape.Model.KeyProperty.Type.Name, shape.Vector is not null);

    /// <summary>The mark of a collection; null of one that something else than VectorData made.</summary>
    public static async Task<CollectionMark?> ReadAsync(ValoriEngine engine, CancellationToken cancellationToken)
    {
        Fields fields;
        try
        {
            fields = (await engine.GetNodeAsync((RecordKey)Key!, cancellationToken: cancellationToken).ConfigureAwait(false)).Fields;
        }
        catch (RefusedException e) when (e.Refusal.Kind == RefusalKind.NotFound)
        {
            return null;
        }
        return fields.TryGetValue(KeyTypeField, out FieldValue? type) && fields.TryGetValue(VectorsField, out FieldValue? vectors) ? new CollectionMark(type.AsString(), vectors.AsBool()) : null;
    }

    public Task WriteAsync(ValoriEngine engine, CancellationToken cancellationToken) => engine.UpsertDocumentAsync(
        new NewDocument { Key = Key, Fields = new FieldsBuilder { [KeyTypeField] = KeyType, [VectorsField] = HasVectors }.Build() }, [], cancellationToken);

    /// <summary>Why a collection with this mark is not the one that a definition describes, or null.</summary>
    public string? DifferenceFrom(CollectionShape shape, string name)
    {
        CollectionMark wanted = Of(shape);
        if (KeyType != wanted.KeyType) return $"collection '{name}' has keys of the type {KeyType}, not {wanted.KeyType}";
        if (HasVectors == wanted.HasVectors) return null;
        return HasVectors
            ? $"collection '{name}' has vectors, and the definition has no vector property"
            : $"collection '{name}' has no vectors, and the definition has the vector property '{shape.Vector!.ModelName}'";
    }
}
