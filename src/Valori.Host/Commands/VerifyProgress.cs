using System.Diagnostics;
using System.Globalization;
using Valori.Actors.Audit;

namespace Valori.Host.Commands;

/// <summary>Says on standard error how far an audit is, if it takes longer than a moment.</summary>
internal sealed class VerifyProgress(string collection, long lastSequenceNr)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _next = Interval;

    public void Report(AuditProgress progress)
    {
        TimeSpan elapsed = _watch.Elapsed;
        if (elapsed < _next) return;
        _next = elapsed + Interval;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{collection}: {100.0 * progress.SequenceNr / Math.Max(lastSequenceNr, progress.SequenceNr):F0} %, event {progress.SequenceNr:N0}, "
                + $"{progress.Records / elapsed.TotalSeconds:N0} records/s"));
    }
}
