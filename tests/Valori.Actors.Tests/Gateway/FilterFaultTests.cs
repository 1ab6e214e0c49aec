using System.Reflection;
using System.Runtime.CompilerServices;
using Valori.Protocol;

namespace Valori.Actors.Tests.Gateway;

/// <summary>A filter on what is not a field is refused in every message that can hold a filter: these tests find the messages.</summary>
public sealed class FilterFaultTests
{
    // Names what is not a field of records, and what is not one of nodes and edges.
    private static readonly Filter Bad = Filter.Eq("expires_at", 3) & Filter.Eq("kind", 3);

    // What a message may have that holds a filter, with a bad filter in each place.
    private static readonly Dictionary<Type, object[]> Holders = new()
    {
        [typeof(Filter)] = [Bad],
        [typeof(SearchQuery)] = [Uninitialized(typeof(SearchQuery), nameof(SearchQuery.Filter), Bad)],
        [typeof(Traversal)] = [new Traversal { NodeFilter = Bad }, new Traversal { EdgeFilter = Bad }],
    };

    private static readonly Type[] Messages =
        [.. new[] { typeof(Command).Assembly, typeof(Query).Assembly }.SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.IsAbstract && (type.IsSubclassOf(typeof(Command)) || type.IsSubclassOf(typeof(Query))))];

    public static TheoryData<string> Places => [.. Messages.SelectMany(type => FilterPlaces(type).Select(place => $"{type.Name}.{place.Name}")).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Places))]
    public void A_bad_filter_is_found_wherever_a_message_has_one(string place)
    {
        string[] names = place.Split('.');
        Type type = Messages.Single(type => type.Name == names[0]);
        foreach (object holder in Holders[type.GetProperty(names[1])!.PropertyType])
        {
            object bad = Uninitialized(type, names[1], holder);
            Assert.Contains("is not a field", FilteredRequests.Fault(bad)?.Message);
            if (bad is Command command) Assert.Contains("is not a field", FilteredRequests.Fault(new Request(RequestId.Parse("a-name"), command))?.Message);
        }
    }

    /// <summary>Another type with a filter would hide it from the test above.</summary>
    [Fact]
    public void Filters_are_held_by_known_types_only()
    {
        IEnumerable<Type> holding = Messages.SelectMany(PropertiesOf).SelectMany(place => (Type[])[place.PropertyType, .. place.PropertyType.GetGenericArguments()])
            .Where(type => !type.IsAssignableTo(typeof(Command)) && type.Namespace!.StartsWith("Valori", StringComparison.Ordinal) && FilterPlaces(type).Any());
        Assert.Equal(Holders.Keys.Where(type => type != typeof(Filter)).Select(type => type.Name).Order(), holding.Distinct().Select(type => type.Name).Order());
        foreach ((Type holder, object[] bad) in Holders.Where(holder => holder.Key != typeof(Filter))) Assert.Equal(FilterPlaces(holder).Count(), bad.Length);
    }

    private static IEnumerable<PropertyInfo> FilterPlaces(Type type) => PropertiesOf(type).Where(property => Holders.ContainsKey(property.PropertyType));

    /// <summary>Those that are set: others follow from them.</summary>
    private static IEnumerable<PropertyInfo> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(property => property.CanWrite);

    /// <summary>An object without anything but one property: what else is null is no fault of the filter.</summary>
    private static object Uninitialized(Type type, string place, object value)
    {
        object message = RuntimeHelpers.GetUninitializedObject(type);
        type.GetProperty(place)!.SetValue(message, value);
        return message;
    }
}
