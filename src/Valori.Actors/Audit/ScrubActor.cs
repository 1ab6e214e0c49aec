using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Event;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Actors.Text;

namespace Valori.Actors.Audit;

/// <summary>
/// Proves everything that is on disk in the background, at a bounded rate, while the engines serve: a start reads only what it
/// needs, so damage in older events and snapshots would be found too late to mend it from a backup. It audits as
/// <c>valori verify</c> does, one collection at a time. Changes nothing, and stops nothing: what the engines serve was proven
/// when they read it.
/// </summary>
internal sealed class ScrubActor : UntypedActor, IWithTimers
{
    // Not while a service starts, and soon enough for one that is started every day.
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMinutes(1);

    // Of a second copy of one collection's state. No engine has such a name.
    private const string Reservation = "scrub of ";

    private readonly ScrubSettings _settings;
    private readonly MemoryBudget _memory;
    private readonly TimeProvider _time;
    private readonly Func<Pace, DirectoryAudit> _open;
    private readonly LastScrub _last;
    private readonly CancellationTokenSource _stop = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <param name="open">Opens the journal and the snapshots, beside the engines.</param>
    /// <param name="last">Where the results go.</param>
    public ScrubActor(ScrubSettings settings, MemoryBudget memory, TimeProvider time, Func<Pace, DirectoryAudit> open, LastScrub last)
    {
        _settings = settings;
        _memory = memory;
        _time = time;
        _open = open;
        _last = last;
    }

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        Timers.StartSingleTimer(nameof(Begin), new Begin(), _settings.Interval < FirstDelay ? _settings.Interval : FirstDelay);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Begin:
                Task.Factory.StartNew(Run, _stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).PipeTo(Self);
                break;
            case ScrubReport report:
                OnReport(report);
                break;
            // It was cancelled in the middle. If not by the end of this actor, the next one tries again.
            case Status.Failure:
                Timers.StartSingleTimer(nameof(Begin), new Begin(), _settings.Interval);
                break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        _stop.Cancel();
        base.PostStop();
    }

    private void OnReport(ScrubReport report)
    {
        _last.Report = report;
        foreach (string place in report.BadPlaces)
            _log.Error("scrub: {0}. What is served was proven when it was read; restore this part from a backup before the process is started again", place);
        foreach (string skipped in report.Skipped) _log.Warning("scrub: {0}", skipped);
        _log.Info("{0}", report);
        Timers.StartSingleTimer(nameof(Begin), new Begin(), _settings.Interval);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever keeps a scrub from its end is reported; the next one tries again.")]
    private ScrubReport Run()
    {
        List<string> proven = [], bad = [], skipped = [];
        Pace pace = new(_settings.BytesPerSecond, _time, _stop.Token);
        try
        {
            using DirectoryAudit audit = _open(pace);
            bad.AddRange(audit.Strangers.Select(place => place.ToString()));
            foreach (string name in audit.Collections) Audit(audit, name, pace, proven, bad, skipped);
        }
        catch (CorruptionException e)
        {
            bad.Add(e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            skipped.Add($"the journal cannot be read beside its engines: {Describe.Fault(e)}");
        }
        return new ScrubReport(_time.GetUtcNow(), proven, bad, skipped);
    }

    private void Audit(DirectoryAudit audit, string name, Pace pace, List<string> proven, List<string> bad, List<string> skipped)
    {
        long bytes = _memory.TakenBy(name);
        if (_memory.Reserve(Reservation + name, bytes) is not null)
        {
            skipped.Add($"'{name}' was not proven: that takes a second copy of its state, {bytes} bytes, "
                + "and there is not enough memory for it (valori.max-memory-bytes). Run valori verify beside the service");
            return;
        }
        try
        {
            AuditedCollection audited = audit.Audit(name, pace: pace, cancellationToken: _stop.Token);
            if (audited.IsGood) proven.Add(name);
            // Places in journal.db look alike: all collections have an event 15.
            bad.AddRange(audited.BadPlaces.Select(place => $"'{name}': {place}"));
        }
        finally
        {
            _memory.Set(Reservation + name, 0);
        }
    }

    private sealed record Begin : INoSerializationVerificationNeeded;
}

/// <summary>The result of the newest scrub that has ended; null before the first one. One writer; thread-safe.</summary>
internal sealed class LastScrub
{
    private ScrubReport? _report;

    public ScrubReport? Report
    {
        get => Volatile.Read(ref _report);
        set => Volatile.Write(ref _report, value);
    }
}
