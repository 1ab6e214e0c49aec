namespace Valori.Actors.Tests.Facade;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_second_opener_is_refused_with_the_owner_s_process_and_the_first_goes_on()
    {
        await using (ValoriEngine first = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 }))
        {
            DataDirectoryException e = await Assert.ThrowsAsync<DataDirectoryException>(() => ValoriEngine.OpenAsync(_directory.Path));
            Assert.Contains($"in use by process {Environment.ProcessId}, which is this one: open it once and share the engine", e.Message);
            await first.InsertAsync(new float[] { 1, 2 });
        }
        await using ValoriEngine second = await ValoriEngine.OpenAsync(_directory.Path);
        Assert.Equal(1UL, await second.RecordCountAsync());
    }

    [Fact]
    public async Task A_directory_of_another_dimension_is_refused_and_stays_as_it_is()
    {
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 }))
            await engine.InsertAsync(new float[] { 1, 2 });
        RefusedException e = await Assert.ThrowsAsync<RefusedException>(() => ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 3 }));
        Assert.Equal("collection 'default' has dimension 2, not 3", e.Message);
        await using ValoriEngine again = await ValoriEngine.OpenAsync(_directory.Path);
        Assert.Equal(1UL, await again.RecordCountAsync());
    }

    [Fact]
    public async Task A_path_that_is_a_file_or_a_journal_that_is_none_is_refused_by_name()
    {
        File.WriteAllText(_directory.File("file"), "x");
        DataDirectoryException e = await Assert.ThrowsAsync<DataDirectoryException>(() => ValoriEngine.OpenAsync(_directory.File("file")));
        Assert.Contains("is a file, not a data directory", e.Message);

        Directory.CreateDirectory(_directory.File("broken"));
        File.WriteAllText(_directory.File("broken/journal.db"), new string('x', 5000));
        e = await Assert.ThrowsAsync<DataDirectoryException>(() => ValoriEngine.OpenAsync(_directory.File("broken")));
        Assert.Contains("the journal in", e.Message);
        Assert.Contains("cannot be opened", e.Message);
    }

    [Fact]
    public async Task After_closing_no_file_is_held_and_the_journal_is_one_file()
    {
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 }))
            await engine.InsertAsync(new float[] { 1, 2 });
        Assert.Equal(["journal.db", "valori.lock"], Directory.GetFiles(_directory.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_a_crash_left_half_written_is_deleted_at_the_next_start()
    {
        Directory.CreateDirectory(_directory.File("snapshots"));
        string[] left = [_directory.File("restore-0.tmp"), _directory.File("snapshots/valori-default-00000000000000000009.snapshot.tmp")];
        foreach (string path in left) File.WriteAllText(path, "half");
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 });
        Assert.All(left, path => Assert.False(File.Exists(path)));
    }

    [Fact]
    public async Task What_the_facade_refuses_names_the_value_and_leaves_no_trace()
    {
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 });
        Valori.EngineStatus before = await engine.StatusAsync();
        await RefusedAsync("expected 2 components, got 3", () => engine.InsertAsync(new float[3]));
        await RefusedAsync("component 1 is NaN", () => engine.InsertAsync(new[] { 0, float.NaN }));
        await RefusedAsync("component 0 is 40000, outside Q16.16", () => engine.InsertAsync(new[] { 40000f, 0 }));
        await RefusedAsync("vector 1: vector norm is too large", () => engine.InsertBatchAsync([new float[2], new float[] { 20000, 20000 }]));
        await RefusedAsync("vector 1: expected 2 components, got 1", () => engine.InsertBatchAsync([new float[2], new float[1]]));
        await RefusedAsync("2 vectors, 1 tags", () => engine.InsertBatchAsync([new float[2], new float[2]], [1]));
        await RefusedAsync("k is 0", () => engine.SearchAsync(new float[2], 0));
        await RefusedAsync("record 9 does not exist", () => engine.SoftDeleteAsync(new RecordId(9)));
        await RefusedAsync("record 9 does not exist", () => engine.GetMetadataAsync(new RecordId(9)));
        await RefusedAsync("node 9 does not exist", () => engine.ExpandAsync(new NodeId(9), 1));
        Assert.Equal(before, await engine.StatusAsync());

        static async Task RefusedAsync(string message, Func<Task> request) =>
            Assert.Contains(message, (await Assert.ThrowsAsync<RefusedException>(request)).Message);
    }
}
