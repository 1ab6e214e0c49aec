using System.Runtime.ExceptionServices;
using Valori.Actors.Rows;

namespace Valori.Actors.Audit;

/// <summary>
/// Reads rows on a thread of its own, ahead of the one that takes them, up to a number of bytes: the disk and SQLite work
/// while the rows before are hashed.
/// </summary>
internal sealed class RowsAhead
{
    private readonly Queue<JournalRow> _rows = [];
    private readonly long _maximumBytes;
    private long _bytes;
    private bool _isRead;
    private bool _isStopped;
    private ExceptionDispatchInfo? _failure;

    private RowsAhead(long maximumBytes) => _maximumBytes = maximumBytes;

    /// <summary>The same rows in the same order; what reading them throws comes after those that were read.</summary>
    /// <param name="maximumBytes">Of payloads that are read and not taken yet. One row is read whatever its size.</param>
    public static IEnumerable<JournalRow> Of(IEnumerable<JournalRow> rows, long maximumBytes)
    {
        RowsAhead ahead = new(maximumBytes);
        Task reading = Task.Factory.StartNew(() => ahead.Fill(rows), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            while (ahead.Take() is { } row) yield return row;
        }
        finally
        {
            ahead.Stop();
            reading.Wait();
        }
    }

    private void Fill(IEnumerable<JournalRow> rows)
    {
        try
        {
            foreach (JournalRow row in rows)
            {
                if (!Put(row)) break;
            }
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
        lock (_rows)
        {
            _isRead = true;
            Monitor.PulseAll(_rows);
        }
    }

    private bool Put(JournalRow row)
    {
        lock (_rows)
        {
            while (_rows.Count > 0 && _bytes + row.Payload.Length > _maximumBytes && !_isStopped) Monitor.Wait(_rows);
            if (_isStopped) return false;
            _rows.Enqueue(row);
            _bytes += row.Payload.Length;
            Monitor.PulseAll(_rows);
            return true;
        }
    }

    private JournalRow? Take()
    {
        lock (_rows)
        {
            while (_rows.Count == 0 && !_isRead) Monitor.Wait(_rows);
            if (_rows.TryDequeue(out JournalRow? row))
            {
                _bytes -= row.Payload.Length;
                Monitor.PulseAll(_rows);
                return row;
            }
        }
        _failure?.Throw();
        return null;
    }

    private void Stop()
    {
        lock (_rows)
        {
            _isStopped = true;
            Monitor.PulseAll(_rows);
        }
    }
}
