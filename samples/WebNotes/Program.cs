using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.VectorData;
using Samples;
using Valori;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
// The section "Valori" of appsettings.json, environment and command line: the data directory and the collection "notes".
builder.Services.AddValori(builder.Configuration.GetSection("Valori"));
// On the same engines: a store of Microsoft.Extensions.VectorData.
builder.Services.AddValoriVectorStore();
WebApplication app = builder.Build();

// By the facade, with all that Valori has.
app.MapPut("/notes/{key}", async (string key, Note note, ValoriEngine notes) =>
{
    if (!RecordKey.Of(key).TryGet(out RecordKey? name, out Refusal? refusal)) return Results.BadRequest(refusal.Message);
    Upserted kept = await notes.UpsertAsync(new NewRecord(HashingEmbedder.Embed(note.Text))
    {
        Key = name,
        Fields = new FieldsBuilder { ["text"] = note.Text, ["user"] = note.User }.Build(),
    });
    return Results.Ok(new { kept.Receipt.SequenceNr, StateHash = $"{kept.Receipt.StateHash}" });
});
app.MapGet("/notes", async (string like, string user, ValoriEngine notes) =>
{
    SearchQuery query = notes.QueryOf(HashingEmbedder.Embed(like), k: 5) with { Filter = Filter.Eq("user", user), With = RecordParts.Key | RecordParts.Fields };
    return (await notes.SearchAsync(query)).Select(hit => new { Key = $"{hit.Record!.Key}", Text = hit.Record.Fields["text"].AsString(), hit.Similarity });
});

// By the abstractions: what is written for them, such as an ingestion pipeline or an agent's memory, takes the same store.
app.MapPost("/articles", async (string title, VectorStore store) =>
{
    VectorStoreCollection<Guid, Article> articles = store.GetCollection<Guid, Article>("articles");
    await articles.EnsureCollectionExistsAsync();
    Article article = new() { Title = title, Vector = HashingEmbedder.Embed(title) };
    await articles.UpsertAsync(article);
    return article.Key;
});
app.MapGet("/articles", async (string like, VectorStore store) =>
{
    List<string> titles = [];
    await foreach (VectorSearchResult<Article> hit in store.GetCollection<Guid, Article>("articles").SearchAsync(HashingEmbedder.Embed(like), top: 3)) titles.Add(hit.Record.Title);
    return titles;
});

app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
app.Run();

internal sealed record Note(string User, string Text);

internal sealed class Article
{
    [VectorStoreKey]
    public Guid Key { get; set; }

    [VectorStoreData]
    public string Title { get; set; } = "";

    [VectorStoreVector(HashingEmbedder.Dimension, DistanceFunction = DistanceFunction.CosineSimilarity)]
    public ReadOnlyMemory<float> Vector { get; set; }
}
