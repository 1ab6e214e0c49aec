namespace Valori.Kernel.Coarse;

/// <summary>
/// Whether a query that is compared with the first part of the rows excludes enough of them, so that it is better than reading both parts at
/// once. It learns from chunk to chunk, and tries again after more and more chunks. Threads may share it: it changes no answer.
/// </summary>
internal sealed class FirstPartHint
{
    // If more than one row in so many is left, reading the rest of these one by one takes longer than reading it of all.
    private const int WorthwhileFraction = 10;

    private const int MaximumChunks = 64;

    private int _chunks;
    private int _wait = 1;

    /// <summary>Whether the next chunk is better read whole.</summary>
    public bool ReadsWhole()
    {
        if (_chunks <= 0) return false;
        _chunks--;
        return true;
    }

    /// <summary>Learns how many rows the first part left of some.</summary>
    public void Learn(int rows, int left)
    {
        bool isWorthwhile = left <= rows / WorthwhileFraction;
        _chunks = isWorthwhile ? 0 : _wait;
        _wait = isWorthwhile ? 1 : Math.Min(2 * _wait, MaximumChunks);
    }
}
