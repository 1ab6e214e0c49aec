namespace Valori.Kernel;

internal sealed partial class ValoriKernel
{
    private FreshTables? _fresh;

    // After a plan that would free too little.
    private long _worthFreeingFrom;

    /// <summary>About what deletions and replaced values hold. Freeing returns most of it.</summary>
    internal long FreeableBytes => _tables.FreeableBytes;

    /// <summary>About what freeing takes until the memory of before is returned, besides the vectors that it copies.</summary>
    internal long BytesForFreeing => _tables.BytesWhenNew;

    /// <summary>About what vectors and their coarse forms take.</summary>
    internal long VectorBytes => _tables.Records.VectorBytes;

    /// <summary>Whether <see cref="BeginFreeing"/> was called and <see cref="FinishFreeing"/> was not.</summary>
    internal bool IsFreeing => _fresh is not null;

    /// <summary>
    /// Begins to make the storage anew with what is live now, without what was deleted and replaced before. It is made in steps
    /// (<see cref="FreeStep"/>), between which commands are decided and applied as ever. Writer thread only.
    /// </summary>
    /// <param name="mostCopiedBytes">Vectors of about so many bytes are copied at most.</param>
    /// <param name="leastFreedBytes">If it would free less, it is not begun, and not considered again before <see cref="FreeableBytes"/> has grown by an eighth.</param>
    /// <returns>Whether it was begun.</returns>
    internal bool BeginFreeing(long mostCopiedBytes, long leastFreedBytes = long.MinValue)
    {
        Invariant.Holds(_fresh is null);
        if (FreeableBytes < _worthFreeingFrom && leastFreedBytes > 0) return false;
        FreshTables fresh = new(_tables, TakeView(), mostCopiedBytes);
        // What they begin with is what is dead in the memory that they share.
        if (FreeableBytes - fresh.Tables.FreeableBytes < leastFreedBytes)
        {
            _worthFreeingFrom = FreeableBytes + FreeableBytes / 8;
            return false;
        }
        _worthFreeingFrom = 0;
        _fresh = fresh;
        return true;
    }

    /// <summary>What freeing has made so far, besides what it shares with the storage; 0 while it does not go on.</summary>
    internal long FreshBytes => _fresh?.Bytes ?? 0;

    /// <summary>Vectors that the freeing that goes on copies.</summary>
    internal long CopiedBytes => _fresh?.CopiedBytes ?? 0;

    /// <summary>A step: a millisecond or two, or some times what the commands since the last one took.</summary>
    /// <returns>Whether nothing but <see cref="FinishFreeing"/> is left.</returns>
    internal bool FreeStep() => _fresh!.Step();

    /// <summary>
    /// Does what is left, and goes on with the new storage. Views of before read the old one, which is freed with the last of them; later
    /// ones go back to this version at most.
    /// </summary>
    /// <returns>About what the old storage holds that the new one does not.</returns>
    internal long FinishFreeing()
    {
        FreshTables fresh = _fresh!;
        Digest before = StateHash;
        long left = _tables.ApproximateBytes - _tables.RecordTreeBytes - fresh.Tables.Records.SharedBytes + _points.Bytes;
        _storage.Leave();
        fresh.Finish();
        _fresh = null;
        _tables = fresh.Tables;
        _points = new Memory.AppendOnlyList<ViewPoint>();
        _storage = NewStorage();
        _stateHash = null;
        Invariant.Holds(StateHash == before);
        Mark();
        return left;
    }
}
