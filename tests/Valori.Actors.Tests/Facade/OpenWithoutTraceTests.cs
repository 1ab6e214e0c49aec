namespace Valori.Actors.Tests.Facade;

/// <summary>An opening that is refused leaves nothing on disk.</summary>
public sealed class OpenWithoutTraceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Without_creating_a_missing_directory_stays_missing_and_an_empty_one_empty()
    {
        string missing = _directory.File("missing"), empty = _directory.File("empty");
        RefusedException e = await RefusedAsync(missing, new ValoriOptions { Name = "notes", Create = false });
        Assert.Equal((RefusalKind.NotFound, $"collection 'notes' does not exist: the directory {missing} does not exist"), (e.Refusal.Kind, e.Message));
        Assert.False(Directory.Exists(missing));

        Directory.CreateDirectory(empty);
        e = await RefusedAsync(empty, new ValoriOptions { Name = "notes", Create = false });
        Assert.Equal((RefusalKind.NotFound, $"collection 'notes' does not exist: {empty} holds no Valori data (no journal.db)"), (e.Refusal.Kind, e.Message));
        Assert.Empty(Directory.GetFileSystemEntries(empty));
    }

    [Fact]
    public async Task A_wrong_name_or_dimension_leaves_no_directory()
    {
        string missing = _directory.File("missing");
        foreach (ValoriOptions wrong in new[] { new ValoriOptions { Name = "Bad Name" }, new ValoriOptions { Dimension = 0 }, new ValoriOptions { Dimension = 65_537 } })
        {
            Assert.Equal(RefusalKind.InvalidArgument, (await RefusedAsync(missing, wrong)).Refusal.Kind);
            Assert.False(Directory.Exists(missing));
        }
    }

    [Fact]
    public async Task Without_creating_a_collection_that_is_not_there_is_not_there_afterwards()
    {
        string data = _directory.File("data");
        await using (await Audit.WrittenHistory.OpenAsync(data, dimension: 2)) { }
        Assert.Equal("collection 'other' does not exist", (await RefusedAsync(data, new ValoriOptions { Name = "other", Create = false })).Message);
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(data, new ValoriOptions { Create = false, Configuration = Audit.WrittenHistory.Quiet });
        Assert.Equal(2, engine.Dimension);
    }

    private static Task<RefusedException> RefusedAsync(string path, ValoriOptions options) =>
        Assert.ThrowsAsync<RefusedException>(() => ValoriEngine.OpenAsync(path, options with { Configuration = Audit.WrittenHistory.Quiet }));
}
