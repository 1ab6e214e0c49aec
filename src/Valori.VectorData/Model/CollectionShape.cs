using Microsoft.Extensions.VectorData.ProviderServices;
using Valori.VectorData.Values;

namespace Valori.VectorData.Model;

/// <summary>A collection as its definition has it: the properties with their codecs, and the schema that its engine must have.</summary>
internal sealed class CollectionShape
{
    // A collection without vectors has the least that an engine can have, and the same vector in every record.
    private static readonly WantedSchema WithoutVectors = new(Dimension: 1, Metric.L2);

    private readonly Distance? _distance;

    public CollectionShape(CollectionModel model)
    {
        Model = model;
        Key = Codecs.OfKey(model.KeyProperty.Type)!;
        Data = [.. model.DataProperties.Select(property => new DataProperty(property, Codecs.OfData(property.Type)!))];
        ByName = Data.ToDictionary(property => property.Model.StorageName);
        Vector = model.VectorProperties.Count == 0 ? null : model.VectorProperty;
        _distance = Distance.Of(Vector?.DistanceFunction);
        Mode = Indexes.ModeOf(Vector?.IndexKind)!;
        Schema = Vector is null ? WithoutVectors : new WantedSchema(Vector.Dimensions, _distance?.Metric);
    }

    public CollectionModel Model { get; }

    public ValueCodec Key { get; }

    public IReadOnlyList<DataProperty> Data { get; }

    /// <summary>The data properties by their storage names.</summary>
    public IReadOnlyDictionary<string, DataProperty> ByName { get; }

    /// <summary>The vector property; null if the collection has none.</summary>
    public VectorPropertyModel? Vector { get; }

    public SearchMode Mode { get; }

    /// <summary>What the engine must have: any metric if the definition names no distance function.</summary>
    public WantedSchema Schema { get; }

    /// <summary>What a new engine gets.</summary>
    public WantedSchema NewSchema => Schema with { Metric = Schema.Metric ?? Metric.Cosine };

    /// <summary>What is shown of the scores of an engine with this metric: what the definition says, or what is usual.</summary>
    public Distance DistanceIn(Metric metric) => _distance ?? Distance.Usual(metric);

    /// <summary>Whether vectors are made from the property's value by a generator, and cannot be read back as that value.</summary>
    public bool GeneratesVectors => Vector is not null && !ValoriModelBuilder.IsVector(Vector.Type);
}

/// <summary>A data property with the form that it is stored in.</summary>
internal sealed record DataProperty(DataPropertyModel Model, ValueCodec Codec);
