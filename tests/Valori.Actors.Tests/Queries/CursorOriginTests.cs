namespace Valori.Actors.Tests.Queries;

/// <summary>A cursor belongs to the collection whose page it comes from, not to its name.</summary>
public sealed class CursorOriginTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_cursor_of_a_dropped_collection_is_refused_by_its_successor()
    {
        string[] cursors;
        await using (ValoriEngine engine = await OpenAsync())
        {
            await FillAsync(engine);
            cursors = await CursorsAsync(engine);
            await AssertTakenAsync(engine, cursors);
            await engine.DropAsync();
        }
        await using ValoriEngine successor = await OpenAsync();
        // Younger than the place of the cursors, as old as it, and older.
        await AssertRefusedAsync(successor, cursors);
        await FillAsync(successor);
        await AssertRefusedAsync(successor, cursors);
        await FillAsync(successor);
        await AssertRefusedAsync(successor, cursors);
        await AssertTakenAsync(successor, await CursorsAsync(successor));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cursor_stays_good_over_a_restart(bool fromSnapshot)
    {
        string[] cursors;
        await using (ValoriEngine engine = await OpenAsync())
        {
            await FillAsync(engine);
            cursors = await CursorsAsync(engine);
            await FillAsync(engine);
            if (fromSnapshot) await engine.SaveAsync();
        }
        await using ValoriEngine again = await OpenAsync();
        await AssertTakenAsync(again, cursors);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(".0-0123456789abcdef")]
    [InlineData(".x")]
    [InlineData(".-1-0")]
    [InlineData(".99999999999999999999999-0")]
    public async Task A_cursor_whose_place_was_changed_is_refused(string place)
    {
        await using ValoriEngine engine = await OpenAsync();
        await FillAsync(engine);
        await AssertRefusedAsync(engine, [.. (await CursorsAsync(engine)).Select(cursor => cursor[..cursor.LastIndexOf('.')] + place)]);
    }

    private static async Task FillAsync(ValoriEngine engine)
    {
        await engine.InsertBatchAsync([new float[] { 1, 0 }, new float[] { 0, 1 }, new float[] { 1, 1 }]);
        NodeId node = await engine.CreateNodeAsync(NodeKind.Chunk);
        for (int i = 0; i < 2; i++) await engine.CreateEdgeAsync(node, await engine.CreateNodeAsync(NodeKind.Chunk), EdgeKind.ParentOf);
    }

    private static async Task<string[]> CursorsAsync(ValoriEngine engine) =>
    [
        (await engine.ListRecordsAsync(Filter.All, limit: 1)).Cursor!,
        (await engine.ListNodesAsync(Filter.All, limit: 1)).Cursor!,
        (await engine.ListEdgesAsync(new EdgeListQuery(Filter.All, 1))).Cursor!,
    ];

    private static async Task AssertTakenAsync(ValoriEngine engine, string[] cursors)
    {
        RecordPage records = await engine.ListRecordsAsync(Filter.All, limit: 1, cursors[0]);
        Assert.Equal(new RecordId(1), Assert.Single(records.Records).Id);
        // The place goes on with the list.
        Assert.Equal(new RecordId(2), Assert.Single((await engine.ListRecordsAsync(Filter.All, limit: 1, records.Cursor)).Records).Id);
        Assert.Equal(new NodeId(1), Assert.Single((await engine.ListNodesAsync(Filter.All, limit: 1, cursor: cursors[1])).Nodes).Id);
        Assert.Equal(new EdgeId(1), Assert.Single((await engine.ListEdgesAsync(new EdgeListQuery(Filter.All, 1) { Cursor = cursors[2] })).Edges).Id);
    }

    private static async Task AssertRefusedAsync(ValoriEngine engine, string[] cursors)
    {
        foreach (Func<Task> list in new Func<Task>[]
        {
            () => engine.ListRecordsAsync(Filter.All, limit: 1, cursors[0]),
            () => engine.ListNodesAsync(Filter.All, limit: 1, cursor: cursors[1]),
            () => engine.ListEdgesAsync(new EdgeListQuery(Filter.All, 1) { Cursor = cursors[2] }),
        })
        {
            RefusedException refused = await Assert.ThrowsAsync<RefusedException>(list);
            Assert.Equal(RefusalKind.InvalidArgument, refused.Refusal.Kind);
            Assert.StartsWith("the cursor is not one of this list", refused.Message, StringComparison.Ordinal);
        }
    }

    private Task<ValoriEngine> OpenAsync() => ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 2 });
}
