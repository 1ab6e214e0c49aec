using System.Globalization;
using System.Text.Json;
using Valori.Kernel.Content;
using Valori.Kernel.Vectors;

namespace Valori.Host.Tests.Searches;

/// <summary>What the answer of a search holds.</summary>
internal enum SearchForm
{
    Hits,
    Receipt,
    Batch,
    Expanded,
}

/// <summary>A search to be asked for in any way.</summary>
/// <param name="Tag">What the query filters by, if that is a tag alone.</param>
/// <param name="Depth">Of the form with nodes.</param>
/// <param name="AsOf">A sequence number or a state hash; the latest state if null.</param>
internal sealed record SearchCase(SearchForm Form, SearchQuery Query, ulong? Tag, int Depth, string? AsOf)
{
    public AsOf? ParsedAsOf => AsOf is null ? null : Valori.AsOf.Parse(AsOf).Value!;

    /// <summary>The query's vectors as a user has them.</summary>
    public float[][] Vectors
    {
        get
        {
            float[][] vectors = new float[Query.Vectors.Count][];
            int[] raw = new int[Query.Vectors.Dimension];
            for (int row = 0; row < vectors.Length; row++)
            {
                Query.Vectors.CopyRow(row, raw);
                vectors[row] = Array.ConvertAll(raw, FixedPoint.ToSingle);
            }
            return vectors;
        }
    }

    public static SearchCase Random(Random random, RandomCommands commands, NaiveHistory history)
    {
        SearchForm form = (SearchForm)random.Next(4);
        // Records have 0 to 2: one tag is of none.
        ulong? tag = random.Next(3) == 0 ? (ulong)random.Next(4) : null;
        Filter filter = tag is { } wanted ? Filter.Tag(wanted) : random.Next(2) == 0 ? Filter.All : RandomFilters.Build(random);
        SearchQuery query = new(commands.Vectors(form == SearchForm.Batch ? random.Next(5) : 1), random.Next(6) == 0 ? 1000 : random.Next(1, 12))
        {
            Filter = filter,
            With = (RecordParts)random.Next((int)RecordParts.All + 1),
            Offset = random.Next(3) == 0 ? random.Next(8) : 0,
            Mode = random.Next(4) switch
            {
                0 => SearchMode.Approximate(random.Next(1, 100)),
                1 => SearchMode.Auto(),
                2 => SearchMode.AutoWithRecall(0.9),
                _ => SearchMode.Exact,
            },
        };
        long sequenceNr = 1 + random.NextInt64(history.LastSequenceNr);
        string? asOf = random.Next(3) switch
        {
            0 => null,
            1 => sequenceNr.ToString(CultureInfo.InvariantCulture),
            _ => history.StateHashAt(sequenceNr).ToString(),
        };
        return new SearchCase(form, query, tag, random.Next(4), asOf);
    }

    /// <summary>The fields of the request, of the dialect and of HTTP alike.</summary>
    public Dictionary<string, object> Fields()
    {
        Dictionary<string, object> fields = new() { ["k"] = Query.K };
        if (Form == SearchForm.Batch) fields["vectors"] = Vectors;
        else fields["vector"] = Vectors[0];
        if (Tag is { } tag) fields["tag"] = tag;
        // Both spellings, and always the same one for the same filter.
        else if (!Query.Filter.Equals(Filter.All)) fields["filter"] = Query.Filter.Canonical.Length % 2 == 0 ? Query.Filter.ToString() : JsonSerializer.Deserialize<JsonElement>(Query.Filter.ToJson());
        if (Form == SearchForm.Receipt) fields["receipt"] = true;
        if (Form == SearchForm.Expanded) fields["depth"] = Depth;
        if (Query.With != RecordParts.None) fields["with"] = Names(Query.With);
        if (Query.Offset != 0) fields["offset"] = Query.Offset;
        if (Query.Mode.Kind != SearchModeKind.Exact) fields["mode"] = Query.Mode.Kind == SearchModeKind.Auto ? "auto" : "approximate";
        if (Query.Mode.Recall is { } recall) fields["recall"] = recall;
        if (Query.Mode.Beam is not (0 or SearchMode.DefaultBeam)) fields["beam"] = Query.Mode.Beam;
        if (AsOf is not null) fields["as_of"] = AsOf;
        return fields;
    }

    private static string[] Names(RecordParts parts) =>
        [.. ((string[])["key", "fields", "metadata", "vector", "tag", "expires_at"]).Where(name => (parts & RecordPartNames.Find(name)) != 0)];

    public override string ToString() => $"{Form} {Query.Filter} {JsonSerializer.Serialize(Fields())}";
}
