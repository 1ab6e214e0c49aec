using Akka.Actor;
using Akka.Event;
using Valori.Actors.Files;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Proximity;

namespace Valori.Actors.Indexes;

// What takes its time, on threads of its own: one thing at a time.
internal sealed partial class IndexActor
{
    private void Load(IndexFiles files)
    {
        _work = "loaded";
        _fileSystem.RunAsync(() => new Loaded(files.Read(_persistenceId, bytes => Reserve(2 * bytes)))).PipeTo(Self);
    }

    private void OnLoaded(ProximityGraph graph)
    {
        _work = null;
        if (graph.Parameters == _settings.Parameters) _graph = graph;
        else _log.Info("{0}: the proximity graph was built with other parameters than valori.index has now, and is built anew", _persistenceId);
        Look();
    }

    /// <summary>Offers a graph to another kernel, if it is of the same content.</summary>
    private void Attach(ProximityGraph graph, View view)
    {
        _work = "verified";
        _served = null;
        _fileSystem.RunAsync(() => new Attached(graph, view.HasContentOf(graph) ? view.IndexWith(graph) : null, view.KernelIdentity)).PipeTo(Self);
    }

    private void OnAttached(Attached attached)
    {
        _work = null;
        if (attached.Index is { } index)
        {
            Serve(attached.Graph, index, attached.Kernel);
            Look();
            return;
        }
        _graph = null;
        _memory.Set(_reservation, 0);
        _log.Info("{0}: the proximity graph is of other content than the collection has now", _persistenceId);
        Delete();
    }

    private void Build(View from, View latest)
    {
        long bytes = ProximityBuilder.BytesFor(from.Schema, _settings.Parameters, from.RecordCount);
        if (_memory.Reserve(_reservation, ServedBytes + bytes) is { } full)
        {
            OnBuildFailed(latest, $"there is no room for the proximity graph: {full.Message}");
            return;
        }
        _work = "built";
        _fault = null;
        Progress progress = _progress = new Progress(from.RecordCount);
        ProximityBuildOptions options = new(_settings.Threads, progress, _pace.BeforePiece);
        Task.Factory.StartNew(
                () =>
                {
                    ProximityGraph graph = from.BuildProximityGraph(_settings.Parameters, options, _stop.Token);
                    return new Built(graph, from.IndexWith(graph) ?? throw new InvariantException("a graph does not cover the records that it was built from"), from.KernelIdentity);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .PipeTo(Self);
    }

    private void OnBuilt(Built built)
    {
        (_work, _progress, _failedAt) = (null, null, 0);
        Serve(built.Graph, built.Index, built.Kernel);
        _log.Info("{0}: built a proximity graph of {1} records, digest {2}", _persistenceId, built.Graph.Count, built.Graph.Digest);
        if (_files is not null) Save(_files, built.Graph);
        Look();
    }

    private void Save(IndexFiles files, ProximityGraph graph)
    {
        _work = "saved";
        _fileSystem.RunAsync(() =>
        {
            files.Write(_persistenceId, graph, Finish);
            return new WorkEnded(null);
        }).PipeTo(Self, failure: cause => new WorkEnded($"the proximity graph could not be saved, and is built again after a restart: {Describe.Fault(cause)}"));
    }

    /// <summary>Deletes a file that is of other content, or damaged.</summary>
    private void Delete()
    {
        if (_files is not { } files)
        {
            Look();
            return;
        }
        _work = "deleted";
        _fileSystem.RunAsync(() =>
        {
            Finish(() => files.Delete(_persistenceId));
            return new WorkEnded(null);
        }).PipeTo(Self, failure: cause => new WorkEnded($"the file of an earlier proximity graph could not be deleted: {Describe.Fault(cause)}"));
    }

    /// <summary>Takes a step that changes the engine's file, unless this actor has stopped.</summary>
    private void Finish(Action step)
    {
        lock (_finishing)
        {
            if (!_isStopped) step();
        }
    }

    private void OnWorkEnded(string? fault)
    {
        _work = null;
        if (fault is not null)
        {
            _fault = fault;
            _log.Warning("{0}: {1}", _persistenceId, fault);
        }
        Look();
    }

    /// <summary>A load, a comparison with the content, or a build has failed.</summary>
    private void OnWorkFailed(Exception cause)
    {
        if (_stop.IsCancellationRequested) return;
        string? work = _work;
        (_work, _progress) = (null, null);
        _memory.Set(_reservation, ServedBytes);
        if (work == "loaded")
        {
            _log.Warning("{0}; this proximity graph is not used, and is built anew", cause.Message);
            // What cannot be read may be whole.
            if (cause is CorruptionException) Delete();
            else Look();
            return;
        }
        _log.Error(cause, "{0}: the proximity graph could not be {1}; searches are exact", _persistenceId, work);
        if (work == "verified") _graph = null;
        OnBuildFailed(_published.Latest!.View, $"the proximity graph could not be {work}: {Describe.Fault(cause)}");
    }

    private void OnBuildFailed(View view, string fault)
    {
        _fault = fault;
        _failedAt = Math.Max(1, _settings.DueAt(view.RecordSlots));
        foreach (Waiter waiter in _waiters.ToArray()) Answer(waiter);
        Offer(view);
    }

    private void Serve(ProximityGraph graph, ProximityIndex index, object kernel)
    {
        _graph = graph;
        _served = new ServedIndex(index, kernel);
        _memory.Set(_reservation, ServedBytes);
    }

    private long ServedBytes => _served is { Index: { } index } ? index.Graph.Bytes + index.Bytes : 0;

    /// <exception cref="RefusedException">There is no room for so much.</exception>
    private void Reserve(long bytes)
    {
        if (_memory.Reserve(_reservation, bytes) is { } full) throw new IOException($"there is no room for the proximity graph: {full.Message}");
    }

    private sealed class Progress(ulong total) : IProgress<long>
    {
        private long _done;

        public GraphProgress Now => new((ulong)Volatile.Read(ref _done), total);

        public void Report(long value) => Volatile.Write(ref _done, value);
    }

    private sealed record Loaded(ProximityGraph Graph) : INoSerializationVerificationNeeded;

    private sealed record Attached(ProximityGraph Graph, ProximityIndex? Index, object Kernel) : INoSerializationVerificationNeeded;

    private sealed record Built(ProximityGraph Graph, ProximityIndex Index, object Kernel) : INoSerializationVerificationNeeded;

    private sealed record WorkEnded(string? Fault) : INoSerializationVerificationNeeded;
}
