using System.Linq.Expressions;
using System.Reflection;

namespace Valori.VectorData.Tests.Equivalence;

/// <summary>What a compiled filter says of each record; nothing of one for which it throws.</summary>
internal sealed class Verdicts
{
    private readonly LambdaExpression _filter;
    private readonly Dictionary<string, EveryType> _records;
    private readonly Dictionary<string, bool> _verdicts = [];

    private Verdicts(LambdaExpression filter, List<EveryType> records)
    {
        _filter = filter;
        _records = records.ToDictionary(record => record.Key);
    }

    /// <summary>Whether it lets some records through and others not.</summary>
    public bool PartRecords => _verdicts.ContainsValue(true) && _verdicts.ContainsValue(false);

    public static Verdicts Of(Expression<Func<EveryType, bool>> filter, List<EveryType> records)
    {
        Verdicts verdicts = new(filter, records);
        Func<EveryType, bool> compiled = filter.Compile();
        foreach (EveryType record in records)
        {
            try
            {
                verdicts._verdicts.Add(record.Key, compiled(record));
            }
            catch (OverflowException)
            {
                // Of a number that is converted to a smaller type.
            }
        }
        return verdicts;
    }

    /// <summary>How the keys that were found differ from the verdicts, with the values of a record that shows it; null if they agree.</summary>
    public string? Difference(IEnumerable<string> found)
    {
        List<string> keys = [.. found];
        if (keys.Distinct().Count() != keys.Count) return "a record came twice";
        string[] missing = [.. _verdicts.Where(verdict => verdict.Value).Select(verdict => verdict.Key).Except(keys)];
        string[] extra = [.. keys.Where(key => _verdicts.TryGetValue(key, out bool verdict) && !verdict)];
        if (missing.Length + extra.Length == 0) return null;
        NamedProperties named = new();
        named.Visit(_filter);
        EveryType record = _records[missing.Concat(extra).First()];
        return $"{missing.Length} records are missing and {extra.Length} wrong, of {keys.Count}. The first has {string.Join(", ", named.All.Select(property => $"{property.Name} {Shown.Of(property.GetValue(record))}"))}";
    }

    private sealed class NamedProperties : ExpressionVisitor
    {
        public HashSet<PropertyInfo> All { get; } = [];

        protected override Expression VisitMember(MemberExpression node)
        {
            if (node is { Expression: ParameterExpression, Member: PropertyInfo property }) All.Add(property);
            return base.VisitMember(node);
        }
    }
}
