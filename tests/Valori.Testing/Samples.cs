using System.Reflection;
using Valori.Kernel.Commands;

namespace Valori.Testing;

/// <summary>
/// Values of every type that commands, events and messages are made of, and of those themselves, made from the parameters of their
/// constructors: a new message has samples without anybody writing one. The same in every run.
/// </summary>
public sealed class Samples
{
    // Parameters that count something: no message has them below zero, and what is written of them need not be readable.
    private static readonly HashSet<string> NeverNegative = ["Chunks", "Count", "Dimension", "Index", "Level", "Replaced"];

    // What a transaction cannot hold.
    private static readonly HashSet<Type> CannotBePart = [.. CommandKinds.All.Where(kind => kind.StandsAlone).SelectMany(kind => (Type[])[kind.CommandType, kind.EventType])];

    private readonly Dictionary<Type, object[]> _values = [];
    private readonly NullabilityInfoContext _nullability = new();

    public Samples()
    {
        Digest one = Digest.Of("a hash"u8);
        Add(false, true);
        Add((byte)0, (byte)3, byte.MaxValue);
        Add(0, 1, int.MaxValue, -1, int.MinValue);
        Add(0L, 1L, long.MaxValue, -1L, long.MinValue);
        Add(0UL, 1UL, ulong.MaxValue);
        Add(new EngineSchema(1), new EngineSchema(384), new EngineSchema(3, Metric.Cosine, -4), new EngineSchema(65_536, Metric.Dot, 16));
        Add(new EngineSchema(1, Metric.Dot, 2).ScoreUnit);
        Add("a", "b-1", "name");
        Add(0.25, 1.0);
        Add(DateTimeOffset.UnixEpoch, new DateTimeOffset(2026, 11, 24, 1, 2, 3, TimeSpan.Zero));
        Add(one, Digest.Zero);
        // What an envelope may hold.
        Add<object>(new DeleteRecord(new RecordId(3)), new CreateNode(NodeKind.Chunk, null));
        Add(VectorBlock.FromComponents(3, [0.25f, -0.25f, 0]).Value!, VectorBlock.FromComponents(3, [250f, -250f, 1, 2, 3, 4]).Value!, VectorBlock.FromComponents(3, []).Value!);
        Add(ReadOnlyMemory<byte>.Empty, (ReadOnlyMemory<byte>)new byte[] { 1, 2 });
        Add((ReadOnlyMemory<int>)new[] { -3, 4 }, ReadOnlyMemory<int>.Empty);
        Add<RecordKey>("k", "ein Schlüssel", new string('y', RecordKey.MaximumBytes));
        Add(Fields.Empty, new FieldsBuilder { ["user"] = "ada", ["at.begin"] = DateTimeOffset.UnixEpoch, ["topics"] = new[] { "tea", "time" } }.Build());
        Add(Filter.All, Filter.Tag(7), Filter.Eq("user", "ada") & !Filter.In("n", 1, 2.5));
        Add(RecordOrder.ById, RecordOrder.ByKey with { IsDescending = true }, RecordOrder.By("at.begin"), RecordOrder.By("$fields.key"));
        Add<FieldValue>(true, -1, 2.5, "tea", DateTimeOffset.UnixEpoch);
        Add<RecordRef>(new RecordId(3), (RecordKey)"k");
        Add<NodeRef>(new NodeId(3), (RecordKey)"k");
        Add((ReadOnlyMemory<ulong>)new ulong[] { 7 }, (ReadOnlyMemory<ulong>)new ulong[] { 0, ulong.MaxValue }, ReadOnlyMemory<ulong>.Empty);
        // Of every other kind of command and event, and no transaction.
        Add<IReadOnlyList<TransactionPart>>(
            [new TransactionPart(new DeleteRecord(new RecordId(3)))],
            [.. PartsOf(typeof(Command)).Cast<Command>().Select(command => new TransactionPart(command))],
            [new TransactionPart(new CreateNode(NodeKind.Chunk, null)), new TransactionPart(new CreateEdge(new NodeId(0), new NodeId(5), EdgeKind.ParentOf), [new Reference(1, 0)])],
            [new TransactionPart(new CreateEdge(new NodeId(0), new NodeId(0), EdgeKind.ParentOf), [new Reference(1, 7), new Reference(2, int.MaxValue, int.MaxValue)])]);
        Add<IReadOnlyList<Event>>(
            [new RecordDeleted(new RecordId(3))],
            [new NodeCreated(new NodeId(5), NodeKind.Chunk, null), new NodeCreated(new NodeId(6), NodeKind.Chunk, null), new EdgeCreated(new EdgeId(2), new NodeId(6), new NodeId(4), EdgeKind.RefersTo)],
            [.. PartsOf(typeof(Event)).Cast<Event>()]);
        // A search asks for parts of all of its hits, or of none.
        Add(Of(typeof(SearchHit)).Cast<SearchHit>().Select(hit => hit.Record is { } record ? hit with { Record = record with { Id = hit.Id } } : hit).ToArray());
        ILookup<bool, SearchHit> hits = Of(typeof(SearchHit)).Cast<SearchHit>().ToLookup(hit => hit.Record is not null);
        Add<IReadOnlyList<SearchHit>>([], [.. hits[false]], [.. hits[true]]);
        ILookup<bool, ExpandedHit> expanded = Of(typeof(ExpandedHit)).Cast<ExpandedHit>().ToLookup(hit => hit.Hit.Record is not null);
        Add<IReadOnlyList<ExpandedHit>>([], [.. expanded[false]], [.. expanded[true]]);
    }

    /// <summary>Values of a type whose constructor does not tell what may be in it.</summary>
    public Samples Add<T>(params T[] values)
        where T : notnull
    {
        _values[typeof(T)] = [.. values.Cast<object>()];
        return this;
    }

    /// <summary>Some values of a type, or of those that derive from it: each value of each parameter is in one of them at least.</summary>
    /// <exception cref="InvalidOperationException">It cannot be made, and <see cref="Add"/> was not told how it looks.</exception>
    public IReadOnlyList<object> Of(Type type)
    {
        if (_values.TryGetValue(type, out object[]? known)) return known;
        object[] made = type.IsEnum ? [.. Enum.GetValues(type).Cast<object>()]
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? ListsOf(type.GetGenericArguments()[0])
            : type.IsAbstract ? [.. type.Assembly.GetTypes().Where(derived => derived.IsSubclassOf(type) && !derived.IsAbstract).OrderBy(derived => derived.Name, StringComparer.Ordinal).SelectMany(Of)]
            : Make(type);
        return _values[type] = made;
    }

    private IEnumerable<object> PartsOf(Type type) => type.Assembly.GetTypes()
        .Where(derived => derived.IsSubclassOf(type) && !derived.IsAbstract && !CannotBePart.Contains(derived))
        .OrderBy(derived => derived.Name, StringComparer.Ordinal).SelectMany(Of);

    private object[] ListsOf(Type element)
    {
        IReadOnlyList<object> values = Of(element);
        return [.. new[] { 0, 1, values.Count }.Distinct().Select(count =>
        {
            Array list = Array.CreateInstance(element, count);
            for (int i = 0; i < count; i++) list.SetValue(values[i], i);
            return (object)list;
        })];
    }

    private object[] Make(Type type)
    {
        ConstructorInfo constructor = type.GetConstructors().OrderBy(one => one.GetParameters().Length).LastOrDefault()
            ?? throw new InvalidOperationException($"there are no samples of {type}: add some");
        ParameterInfo[] parameters = constructor.GetParameters();
        object?[][] arguments = [.. parameters.Select(parameter => Allowed(parameter.Name!, Values(parameter.ParameterType, _nullability.Create(parameter))))];
        PropertyInfo[] others = [.. type.GetProperties().Where(property => property.SetMethod is { IsPublic: true } && !parameters.Any(parameter => parameter.Name == property.Name))];
        object?[][] set = [.. others.Select(property => Allowed(property.Name, Values(property.PropertyType, _nullability.Create(property))))];
        object[] made = new object[Math.Max(1, arguments.Concat(set).Select(values => values.Length).DefaultIfEmpty().Max())];
        for (int i = 0; i < made.Length; i++)
        {
            made[i] = constructor.Invoke([.. arguments.Select(values => values[i % values.Length])]);
            for (int j = 0; j < others.Length; j++) others[j].SetValue(made[i], set[j][i % set[j].Length]);
        }
        return made;
    }

    private static object?[] Allowed(string name, object?[] values) => NeverNegative.Contains(name) ? [.. values.Where(value => value is not < 0)] : values;

    private object?[] Values(Type type, NullabilityInfo nullability) => Nullable.GetUnderlyingType(type) is { } value ? [null, .. Of(value)]
        : nullability.WriteState == NullabilityState.Nullable ? [null, .. Of(type)]
        : [.. Of(type)];
}
