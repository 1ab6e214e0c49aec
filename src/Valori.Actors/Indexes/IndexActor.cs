using Akka.Actor;
using Akka.Event;
using Valori.Actors.Files;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Kernel;
using Valori.Kernel.Proximity;
using Valori.Protocol;

namespace Valori.Actors.Indexes;

/// <summary>
/// Keeps the proximity graph of one engine: builds it from published Views in the background, saves it, loads and verifies it after a start, and
/// offers it to searches through the gateway. It does one thing at a time, and looks at the newest View after each. What goes wrong here is
/// never a wrong answer: searches are exact then.
/// </summary>
/// <remarks>
/// A graph belongs to the content of one kernel. After a recovery or a restore, it is offered again only if the codes of its vertices are those of
/// the records that are there.
/// </remarks>
internal sealed partial class IndexActor : UntypedActor, IWithTimers
{
    // Of its vertices, one in so many may be dead before a wait has a graph built anew.
    private const ulong WornFraction = 5;

    private readonly string _persistenceId;
    private readonly string _reservation;
    private readonly IndexSettings _settings;
    private readonly MemoryBudget _memory;
    private readonly PublishedView _published;
    private readonly IFileSystem _fileSystem;
    private readonly IndexFiles? _files;
    private readonly IndexPace _pace;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _finishing = new();
    private readonly List<Waiter> _waiters = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private bool _isStopped;
    private bool _isWanted;
    private bool _hasLookedForFile;
    private string? _work;
    private Progress? _progress;
    private ProximityGraph? _graph;
    private ServedIndex? _served;
    private string? _fault;

    // The number of ids at which a build failed: it is not tried again before the next one is due, or somebody waits for it.
    private ulong _failedAt;

    public IndexActor(string name, PublishedView published, ValoriSettings settings, MemoryBudget memory, IndexPace pace)
    {
        _persistenceId = ValoriSettings.PersistenceIdOf(name);
        _reservation = $"index of {name}";
        _published = published;
        _settings = settings.Index;
        _memory = memory;
        _pace = pace;
        _fileSystem = FileSystemSetup.Of(Context.System);
        _files = settings.DataDirectory is { } directory ? new IndexFiles(_fileSystem, directory) : null;
    }

    /// <summary>Set by Akka.</summary>
    public ITimerScheduler Timers { get; set; } = null!;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case LookAtCollection: Look(); break;
            case IndexWanted: Want(); break;
            case GetIndexStatus: Sender.Tell(StatusOf(_published.Latest!.View, Covers(_published.Latest.View.RecordSlots)), Context.Parent); break;
            case WaitForIndex wait: Wait(wait); break;
            case WaitOver(var waiter): Answer(waiter); break;
            case Loaded(var graph): OnLoaded(graph); break;
            case Attached attached: OnAttached(attached); break;
            case Built built: OnBuilt(built); break;
            case WorkEnded(var fault): OnWorkEnded(fault); break;
            case Status.Failure failure: OnWorkFailed(failure.Cause is AggregateException { InnerException: { } inner } ? inner : failure.Cause); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        _stop.Cancel();
        // From now on no thread makes a file the engine's graph: the collection may be dropped, and another one may get its name.
        lock (_finishing) _isStopped = true;
        _memory.Set(_reservation, 0);
        base.PostStop();
    }

    private bool IsOn => _settings.Build == IndexBuild.Always || _isWanted && _settings.Build == IndexBuild.OnDemand;

    private void Want()
    {
        if (_isWanted) return;
        _isWanted = true;
        Look();
    }

    private void Wait(WaitForIndex wait)
    {
        View view = _published.Latest!.View;
        if (wait.Check() is { } refusal)
        {
            Sender.Tell(refusal, Context.Parent);
            return;
        }
        _isWanted = true;
        _failedAt = 0;
        Waiter waiter = new(Sender, view.RecordSlots, IsWorn(view) ? _graph : null);
        _waiters.Add(waiter);
        Timers.StartSingleTimer(waiter, new WaitOver(waiter), TimeSpan.FromMilliseconds(wait.MaximumMilliseconds));
        Look();
    }

    /// <summary>Begins what is to be done next, unless something is being done.</summary>
    private void Look()
    {
        if (_published.Latest is not { View: { } view }) return;
        if (_work is null) Begin(view);
        Offer(view);
        AnswerWaiters(view);
    }

    private void Begin(View view)
    {
        if (!_hasLookedForFile && _settings.Build != IndexBuild.Never && _files is not null)
        {
            _hasLookedForFile = true;
            if (HasFile(_files))
            {
                // It was wanted once.
                _isWanted = true;
                Load(_files);
                return;
            }
        }
        if (_graph is { } graph && _served?.Serves(view) != true) Attach(graph, view);
        else if (BaseOf(view) is { } from) Build(from, view);
    }

    private bool HasFile(IndexFiles files)
    {
        try
        {
            return files.Exists(_persistenceId);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Warning("{0}: whether there is a proximity graph is not known: {1}; it is built anew if it is asked for", _persistenceId, e.Message);
            return false;
        }
    }

    /// <summary>The View that a graph is to be built from; null if none is due.</summary>
    private View? BaseOf(View view)
    {
        if (!IsOn || view.RecordSlots < _settings.MinimumRecords) return null;
        if (_waiters.Exists(waiter => !IsServed(waiter, view))) return view;
        ulong due = _settings.DueAt(view.RecordSlots);
        if (due <= (_graph?.Boundary ?? 0) || due <= _failedAt) return null;
        // Every engine with this journal takes that state, as long as it is in reach.
        return view.FirstWithRecordSlots(due) ?? view;
    }

    private bool Covers(ulong slots) => slots < _settings.MinimumRecords || _served is not null && _graph!.Boundary >= slots;

    private bool IsServed(Waiter waiter, View view) => Covers(Math.Min(waiter.Slots, view.RecordSlots)) && (waiter.Worn is null || !ReferenceEquals(waiter.Worn, _graph));

    private bool IsWorn(View view) => _graph is { } graph && (ulong)graph.Count > view.RecordCount + (ulong)graph.Count / WornFraction;

    private void AnswerWaiters(View view)
    {
        foreach (Waiter waiter in _waiters.Where(waiter => IsServed(waiter, view) || _settings.Build == IndexBuild.Never).ToArray()) Answer(waiter);
    }

    private void Answer(Waiter waiter)
    {
        if (!_waiters.Remove(waiter)) return;
        Timers.Cancel(waiter);
        View view = _published.Latest!.View;
        waiter.Client.Tell(StatusOf(view, IsServed(waiter, view)), Context.Parent);
    }

    private IndexStatus StatusOf(View view, bool isReady) => new(
        isReady,
        _served is { Index: { } index }
            ? new IndexedGraph(
                index.Graph.Digest, index.Graph.StateHash, index.Graph.Boundary, (ulong)index.Graph.Count,
                view.RecordSlots - Math.Min(view.RecordSlots, index.Graph.Boundary), index.Graph.Bytes + index.Bytes)
            : null,
        _progress?.Now,
        _fault ?? (_served is null ? CurrentOffer(view).WhyNone(view) : null));

    private void Offer(View view) => Context.Parent.Tell(new IndexOffered(
        CurrentOffer(view),
        IsOn ? _settings.NextDue(Math.Max(_graph?.Boundary ?? 0, Math.Max(_failedAt, _settings.DueAt(view.RecordSlots)))) : ulong.MaxValue));

    private IndexOffer CurrentOffer(View view) => new(
        _served?.Serves(view) == true ? _served : null, WhyNone, _isWanted || _settings.Build != IndexBuild.OnDemand,
        _settings.Build == IndexBuild.Never ? 0 : _settings.MinimumRecords);

    private string WhyNone => _settings.Build == IndexBuild.Never ? "valori.index.build is \"never\""
        : _work is not null ? $"the proximity graph is being {_work}"
        : _fault ?? (IsOn ? "the proximity graph is not built yet" : "the proximity graph was not asked for before");

    /// <summary>Who waits for a graph.</summary>
    /// <param name="Slots">That it must cover.</param>
    /// <param name="Worn">A graph that it must not be, because too many of its records were deleted.</param>
    private sealed record Waiter(IActorRef Client, ulong Slots, ProximityGraph? Worn);

    private sealed record WaitOver(Waiter Waiter) : INoSerializationVerificationNeeded;
}
