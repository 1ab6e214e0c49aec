using System.Linq.Expressions;
using System.Reflection;
using System.Text;
using Microsoft.Extensions.VectorData;
using Valori.VectorData.Tests.Support;
using Xunit.Abstractions;

namespace Valori.VectorData.Tests.Equivalence;

/// <summary>Whatever it is ordered by, a list has the order of OrderBy and ThenBy in memory, except that null comes last in both directions.</summary>
public sealed class RandomOrderTests(StoreFixture fixture, ITestOutputHelper output) : IClassFixture<StoreFixture>
{
    private const int Records = 150, Orders = 60;

    private static readonly PropertyInfo[] Properties = [.. typeof(EveryType).GetProperties()
        .Where(property => DataTypes.All.Contains(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType))];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Random_orders_have_the_meaning_of_csharp(int seed) => CheckAsync(seed);

    [Fact]
    public Task Random_orders_of_a_fresh_seed_have_the_meaning_of_csharp() => CheckAsync(RandomRecords.FreshSeed);

    private async Task CheckAsync(int seed)
    {
        output.WriteLine($"seed {seed}");
        Choices choices = new(seed);
        RandomRecords records = await RandomRecords.WriteAsync(fixture, choices, Records);
        for (int i = 0; i < Orders; i++)
        {
            PropertyOrder[] orders = [.. Enumerable.Range(0, 1 + choices.Number(3)).Select(_ => new PropertyOrder(choices.One(Properties), choices.Chance(50))).DistinctBy(order => order.Property)];
            int skip = choices.Chance(33) ? 0 : choices.Number(Records + 1), top = choices.Chance(33) ? 2 * Records : 1 + choices.Number(Records);
            List<EveryType> got = await records.Collection.GetAsync(record => true, top, new() { Skip = skip, OrderBy = definition => orders.Aggregate(definition, (all, order) => order.AddTo(all)) }).ToListAsync();

            IEnumerable<EveryType> sorted = orders.Aggregate(records.All.OrderBy(_ => 0), (all, order) => all.ThenBy(order.ValueOf, order));
            // Records that are equal may come in any order.
            object?[] expected = [.. sorted.Skip(skip).Take(top).SelectMany(record => orders.Select(order => order.ValueOf(record)))];
            object?[] found = [.. got.SelectMany(record => orders.Select(order => order.ValueOf(record)))];
            string place = $"seed {seed}, order {i} by {string.Join(", ", orders.Select(order => order.ToString()))}, skip {skip}, top {top}";
            Assert.True(expected.SequenceEqual(found), $"{place}:\nexpected {Shown.Of(expected)}\nfound {Shown.Of(found)}");
            Assert.True(got.DistinctBy(record => record.Key).Count() == got.Count, $"{place}: a record came twice");
        }
    }

    private sealed record PropertyOrder(PropertyInfo Property, bool IsAscending) : IComparer<object?>
    {
        public object? ValueOf(EveryType record) => Property.GetValue(record);

        public FilteredRecordRetrievalOptions<EveryType>.OrderByDefinition AddTo(FilteredRecordRetrievalOptions<EveryType>.OrderByDefinition definition)
        {
            ParameterExpression record = Expression.Parameter(typeof(EveryType));
            var selector = Expression.Lambda<Func<EveryType, object?>>(Expression.Convert(Expression.Property(record, Property), typeof(object)), record);
            return IsAscending ? definition.Ascending(selector) : definition.Descending(selector);
        }

        public int Compare(object? left, object? right)
        {
            if (left is null || right is null) return (left is null ? 1 : 0) - (right is null ? 1 : 0);
            int order = left is string text ? Encoding.UTF8.GetBytes(text).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes((string)right)) : ((IComparable)left).CompareTo(right);
            return IsAscending ? order : -order;
        }

        public override string ToString() => $"{Property.Name}{(IsAscending ? "" : " descending")}";
    }
}
