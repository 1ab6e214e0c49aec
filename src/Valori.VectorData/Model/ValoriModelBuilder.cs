using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using Valori.VectorData.Values;

namespace Valori.VectorData.Model;

/// <summary>Builds the model of a collection from a record type or a definition, and refuses by name what a collection cannot have.</summary>
internal sealed class ValoriModelBuilder() : CollectionModelBuilder(new CollectionModelBuildingOptions { RequiresAtLeastOneVector = false, SupportsMultipleVectors = false })
{
    /// <summary>The types of vectors, for errors.</summary>
    public const string VectorTypes = "ReadOnlyMemory<float>, Embedding<float>, float[]";

    private static readonly Type[] Vectors = [typeof(ReadOnlyMemory<float>), typeof(Embedding<float>), typeof(float[])];

    public static bool IsVector(Type type) => Vectors.Contains(Nullable.GetUnderlyingType(type) ?? type);

    protected override bool IsDataPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
    {
        supportedTypes = Codecs.DataTypes;
        return Codecs.OfData(type) is not null;
    }

    protected override bool IsVectorPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
    {
        supportedTypes = VectorTypes;
        return IsVector(type);
    }

    protected override void ValidateKeyProperty(KeyPropertyModel keyProperty)
    {
        base.ValidateKeyProperty(keyProperty);
        if (Codecs.OfKey(keyProperty.Type) is null)
        {
            throw new NotSupportedException($"Key property '{keyProperty.ModelName}' has unsupported type '{keyProperty.Type.Name}'. "
                + $"Key properties must be one of the supported types: {Codecs.KeyTypes}.");
        }
    }

    protected override void Validate(Type? type, VectorStoreCollectionDefinition? definition)
    {
        if (VectorProperties.Count > 1)
            throw new NotSupportedException($"There are several vector properties, {string.Join(", ", VectorProperties.Select(property => $"'{property.ModelName}'"))}: "
                + "a Valori collection has one vector per record. Use a collection for each of them.");
        base.Validate(type, definition);
        ValidateNames();
        foreach (VectorPropertyModel vector in VectorProperties) ValidateVector(vector);
    }

    private void ValidateNames()
    {
        FieldsBuilder fields = [];
        foreach (DataPropertyModel data in DataProperties)
        {
            try
            {
                fields.Add(data.StorageName, true);
            }
            catch (ArgumentException e)
            {
                throw new NotSupportedException($"Property '{data.ModelName}' has the storage name '{data.StorageName}', which cannot be the name of a field: {e.Message}", e);
            }
        }
        try
        {
            fields.Build();
        }
        catch (ArgumentException e)
        {
            throw new NotSupportedException($"The storage names of the data properties cannot be fields of one record: {e.Message}", e);
        }
    }

    private static void ValidateVector(VectorPropertyModel vector)
    {
        if (vector.Dimensions > Limits.MaximumDimension)
            throw new NotSupportedException($"Vector property '{vector.ModelName}' has {vector.Dimensions} dimensions; the maximum is {Limits.MaximumDimension}.");
        if (vector.DistanceFunction is not null && Distance.Of(vector.DistanceFunction) is null)
        {
            throw new NotSupportedException($"Vector property '{vector.ModelName}' has the distance function '{vector.DistanceFunction}', which Valori has not. It has "
                + $"{nameof(DistanceFunction.CosineSimilarity)}, {nameof(DistanceFunction.CosineDistance)}, {nameof(DistanceFunction.DotProductSimilarity)}, "
                + $"{nameof(DistanceFunction.NegativeDotProductSimilarity)}, {nameof(DistanceFunction.EuclideanDistance)} and {nameof(DistanceFunction.EuclideanSquaredDistance)}.");
        }
        if (Indexes.ModeOf(vector.IndexKind) is null)
        {
            throw new NotSupportedException($"Vector property '{vector.ModelName}' has the index kind '{vector.IndexKind}', which Valori has not. It has "
                + $"{nameof(IndexKind.Flat)} (exact), {nameof(IndexKind.Hnsw)} (approximate) and {nameof(IndexKind.Dynamic)} (what is faster).");
        }
    }
}
