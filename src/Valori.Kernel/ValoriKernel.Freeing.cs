namespace Valori.Kernel;

public sealed partial class ValoriKernel
{
    private FreshTables? _fresh;

    /// <summary>About what deletions and replaced values hold. Freeing returns most of it.</summary>
    internal long FreeableBytes => _tables.FreeableBytes;

    /// <summary>About what freeing takes until the memory of before is returned, besides the vectors that it copies.</summary>
    internal long BytesForFreeing => _tables.ApproximateBytes - _tables.Records.ApproximateBytes + _tables.Records.BytesBesideVectors;

    /// <summary>About what vectors and their coarse forms take.</summary>
    internal long VectorBytes => _tables.ApproximateBytes - BytesForFreeing;

    /// <summary>Whether <see cref="BeginFreeing"/> was called and <see cref="FinishFreeing"/> was not.</summary>
    internal bool IsFreeing => _fresh is not null;

    /// <summary>
    /// Begins to make the storage anew with what is live now, without what was deleted and replaced before. It is made in steps
    /// (<see cref="FreeStep"/>), between which commands are decided and applied as ever. Writer thread only.
    /// </summary>
    /// <param name="mostCopiedBytes">Vectors of about so many bytes are copied at most.</param>
    internal void BeginFreeing(long mostCopiedBytes)
    {
        Invariant.Holds(_fresh is null);
        _fresh = new FreshTables(_tables, TakeView(), mostCopiedBytes);
    }

    /// <summary>A step: a millisecond or two, or some times what the commands since the last one took.</summary>
    /// <returns>Whether nothing but <see cref="FinishFreeing"/> is left.</returns>
    internal bool FreeStep() => _fresh!.Step();

    /// <summary>
    /// Does what is left, and goes on with the new storage. Views of before read the old one, which is freed with the last of them; later
    /// ones go back to this version at most.
    /// </summary>
    internal void FinishFreeing()
    {
        FreshTables fresh = _fresh!;
        Blake3.Digest before = StateHash;
        fresh.Finish();
        _fresh = null;
        _tables = fresh.Tables;
        _points = new Memory.AppendOnlyList<ViewPoint>();
        _storage = new ViewStorage(_tables.Records, _tables.Graph, _tables.RecordTree, _tables.NodeTree, _tables.EdgeTree, _points);
        _stateHash = null;
        Invariant.Holds(StateHash == before);
        Mark();
    }
}
