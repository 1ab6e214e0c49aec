using System.Reflection;
using Microsoft.Extensions.VectorData;

namespace Valori.VectorData.Tests.Support;

internal static class Definitions
{
    /// <summary>What the attributes of <see cref="ManyTypes"/> say.</summary>
    public static VectorStoreCollectionDefinition OfManyTypes() => new()
    {
        Properties = [.. typeof(ManyTypes).GetProperties().Select(Property)],
    };

    /// <summary>A definition of dictionaries with a key, some data properties and a vector of three components.</summary>
    public static VectorStoreCollectionDefinition Of(Type key, params VectorStoreProperty[] others) => new()
    {
        Properties = [new VectorStoreKeyProperty("Key", key), new VectorStoreVectorProperty("Vector", typeof(float[]), 3) { DistanceFunction = DistanceFunction.EuclideanDistance }, .. others],
    };

    private static VectorStoreProperty Property(PropertyInfo property) =>
        property.GetCustomAttribute<VectorStoreVectorAttribute>() is { } vector ? new VectorStoreVectorProperty(property.Name, property.PropertyType, vector.Dimensions) { DistanceFunction = vector.DistanceFunction }
        : property.GetCustomAttribute<VectorStoreKeyAttribute>() is not null ? new VectorStoreKeyProperty(property.Name, property.PropertyType)
        : new VectorStoreDataProperty(property.Name, property.PropertyType);
}
