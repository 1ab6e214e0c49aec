using Valori.Kernel.Filters;
using Valori.Kernel.Search;
using Valori.Kernel.Storage;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Search;

/// <summary>
/// Searches whose index knows rows that do not match, nearer than all that do: values whose hashes are the same, elements of arrays, and values that
/// a row has no more or not yet.
/// </summary>
public sealed class MisledIndexTests
{
    private const int Dimension = 2, Others = 100, Wanted = 5;

    [Fact]
    public void Values_with_one_hash_are_told_apart()
    {
        (string one, string other) = SameHash();
        AssertFindsFar(one, FieldsOf(other), Filter.Eq("n", one));
    }

    [Fact]
    public void An_element_of_an_array_is_told_from_a_value() => AssertFindsFar(Wanted, FieldsOf(new[] { Wanted, 6 }), Filter.Eq("n", Wanted));

    [Fact]
    public void A_value_is_told_from_an_element_of_an_array() => AssertFindsFar(new[] { 6, Wanted }, FieldsOf(Wanted), Filter.Contains("n", Wanted));

    [Fact]
    public void Either_of_two_values_is_told_from_elements_of_arrays() =>
        AssertFindsFar(Wanted, FieldsOf(new[] { Wanted, 6 }), Filter.Eq("n", Wanted) | Filter.In("n", 6, 7));

    [Fact]
    public void A_value_that_was_replaced_is_found_as_of_before_and_not_after()
    {
        ValoriKernel kernel = Build(Wanted, FieldsOf(Wanted));
        View before = kernel.TakeView();
        for (ulong id = 0; id < 3; id++) kernel.Apply(SetFields.Replace(new RecordId(id), FieldsOf(6)));
        View between = kernel.TakeView();
        for (ulong id = 0; id < 3; id++) kernel.Apply(SetFields.Replace(new RecordId(id), FieldsOf(Wanted)));
        View after = kernel.TakeView();
        Assert.Equal([0UL, 1, 2, 3], Ids(before, Filter.Eq("n", Wanted)));
        Assert.Equal([3UL], Ids(between, Filter.Eq("n", Wanted)));
        Assert.Equal([0UL, 1, 2], Ids(between, Filter.Eq("n", 6)));
        Assert.Equal([0UL, 1, 2, 3], Ids(after, Filter.Eq("n", Wanted)));
        Assert.Empty(Ids(after, Filter.Eq("n", 6)));
    }

    [Fact]
    public void Shares_on_several_threads_are_misled_together()
    {
        const int records = 40_000;
        ValoriKernel kernel = new(Dimension);
        RecordAttributes[] attributes = [.. Enumerable.Range(0, records).Select(i => new RecordAttributes { Fields = FieldsOf(i % 10 > 0 ? i + 10 : i % 20 == 0 ? Wanted : new[] { Wanted }) })];
        kernel.Apply(new PutRecords(Line(0, records), new ulong[records], attributes, Replace: false));
        View view = kernel.TakeView();
        SearchRun run = view.BeginSearch(new SearchQuery(Line(0, 1), 10) { Filter = Filter.Eq("n", Wanted) }).Value!;
        Assert.True(run.Pieces > 1);
        bool[] finished = new bool[4];
        Parallel.For(0, finished.Length, share => finished[share] = run.RunShare());
        Assert.Equal(1, finished.Count(share => share));
        // Of the multiples of 10, every other one is an array; a row's id is where it stands.
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (ulong)i * 20), run.Hits()[0].Select(hit => hit.Id.Value));
    }

    /// <summary>Three records with other fields are nearer than one with the wanted value.</summary>
    private static void AssertFindsFar(FieldValue wanted, Fields others, Filter filter)
    {
        View view = Build(wanted, others).TakeView();
        Assert.IsType<RowListPlan>(view.PlanOf(filter));
        Assert.True(view.PlanOf(filter).MostHits >= 4, "the index does not know the nearer ones");
        foreach (int k in (int[])[1, 2, 10]) Assert.Equal([3UL], Ids(view, filter, k));
        Assert.Equal(1UL, view.Count(filter));
        SearchHit[][] both = view.SearchBatch(new SearchQuery(Line(0, 2), 2) { Filter = filter }).Value!;
        Assert.All(both, hits => Assert.Equal(3UL, Assert.Single(hits).Id.Value));
    }

    private static ValoriKernel Build(FieldValue wanted, Fields others)
    {
        ValoriKernel kernel = new(Dimension);
        Fields[] fields = [others, others, others, FieldsOf(wanted), .. Enumerable.Range(0, Others).Select(i => FieldsOf($"other {i}"))];
        kernel.Apply(new PutRecords(Line(0, fields.Length), new ulong[fields.Length], [.. fields.Select(each => new RecordAttributes { Fields = each })], Replace: false));
        return kernel;
    }

    private static IEnumerable<ulong> Ids(View view, Filter filter, int k = 10) => view.Search(new SearchQuery(Line(0, 1), k) { Filter = filter }).Value!.Select(hit => hit.Id.Value);

    private static Fields FieldsOf(FieldValue value) => new FieldsBuilder { ["n"] = value }.Build();

    /// <summary>Vectors on a line, each farther from the first one.</summary>
    private static VectorBlock Line(int first, int count) =>
        VectorBlock.FromComponents(Dimension, [.. Enumerable.Range(first, count).SelectMany(i => new[] { i / 16f, 0 })]).Value!;

    /// <summary>Two texts whose hashes are the same in this process. There are 2^32 hashes, so some hundred thousand texts have several such pairs.</summary>
    private static (string One, string Other) SameHash()
    {
        FilterOperand name = FilterOperand.Parse("n", out _)!;
        Dictionary<uint, string> known = [];
        for (int i = 0; i < 2_000_000; i++)
        {
            string text = $"text {i}";
            uint hash = ValueHash.Of(name, new FilterLiteral(text)).Single();
            if (!known.TryAdd(hash, text)) return (known[hash], text);
        }
        throw new InvalidOperationException("no two texts have the same hash");
    }
}
