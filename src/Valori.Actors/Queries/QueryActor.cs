using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Valori.Actors.Client;
using Valori.Actors.Engine;
using Valori.Actors.Journal;
using Valori.Actors.Serialization;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Actors.Telemetry;
using Valori.Actors.Text;
using Valori.Kernel;
using Valori.Kernel.Merkle;
using Valori.Kernel.Search;
using Valori.Protocol;

namespace Valori.Actors.Queries;

/// <summary>
/// Answers questions of any engine from the View that comes with them. Stateless; the actors of a lane share a dispatcher and a
/// <see cref="QueryPool"/>. A search over many segments is shared with those that are idle: one query gets all processors, and
/// under load each query gets one.
/// </summary>
/// <param name="isCostly">Whether it is of the lane for what may take long. In the other one, what turns out to take long is handed over.</param>
internal sealed partial class QueryActor(QueryPool pool, bool isCostly, ValoriSettings settings, TimeProvider time) : UntypedActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case QueryWork work when ValoriMetrics.QueryDuration.Enabled || work.Trace != default: Do(work.Engine, work.Client, () => Measured(work)); break;
            case QueryWork work: Do(work.Engine, work.Client, () => Answer(work)); break;
            case SearchShare share: Do(share.Engine, share.Client, () => RunShare(share)); break;
            case SearchEnd(var share, var hits): Do(share.Engine, share.Client, () => UntilStopped(share, () => Finish(share, hits))); break;
            // Not work of the pool: this actor stays as idle or busy as it was.
            default: Unhandled(message); break;
        }
    }

    /// <summary>Does what the pool handed out, and is idle again: at once, or when the task that it began has ended.</summary>
    private void Do(QueriedEngine engine, IActorRef client, Func<Task?> answer)
    {
        Task? later = null;
        try
        {
            later = answer();
        }
        catch (InvariantException e)
        {
            engine.Gateway.Tell(new InvariantBroken(e));
            client.Tell(new EngineFailure(EngineFailureKind.Stopped, $"collection '{engine.Name}' is stopping because an invariant of its code was broken: {e.Message}"), engine.Gateway);
        }
        catch (OperationCanceledException) when (QueryStop.IsFutile(client))
        {
            // Also if the memory for the answer was given back meanwhile.
        }
        catch (RefusedException e)
        {
            client.Tell(e.Refusal, engine.Gateway);
        }
        catch (EngineException e)
        {
            client.Tell(new EngineFailure(e.Kind, e.Message), engine.Gateway);
        }
        catch (OutOfMemoryException e)
        {
            _log.Warning(e, "a query of collection '{0}' needs more memory than the process has left", engine.Name);
            client.Tell(new EngineFailure(EngineFailureKind.Overloaded,
                "the process has not enough memory left for the answer; nothing was changed. Ask for less at once, or try again later"), engine.Gateway);
        }
        catch (Exception e)
        {
            // A bug, as far as can be known in this question alone. The asker must not wait in vain.
            _log.Error(e, "a query failed");
            client.Tell(new EngineFailure(EngineFailureKind.OutcomeUnknown, $"a query failed because of a bug: {Describe.Fault(e)}; nothing was changed"), engine.Gateway);
        }
        finally
        {
            IActorRef self = Self;
            if (later is null) pool.BecomeIdle(self);
            else later.ContinueWith(_ => pool.BecomeIdle(self), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>The same for those who listen: how long it took, and its span.</summary>
    private Task? Measured(QueryWork work)
    {
        string operation = Traces.NameOf(work.Query.GetType());
        Activity? span = Traces.StartWork(operation, work.Engine.Name, work.Trace);
        Task? later = null;
        try
        {
            later = Answer(work);
        }
        finally
        {
            // The next message of this actor is another caller's.
            Activity.Current = null;
            if (later is null) End();
            else later.ContinueWith(_ => End(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        return later;

        void End()
        {
            span?.Dispose();
            Activity.Current = null;
            ValoriMetrics.QueryDuration.Record(
                Stopwatch.GetElapsedTime(work.Arrived).TotalSeconds, ValoriMetrics.Tag(ValoriMetrics.Collection, work.Engine.Name),
                ValoriMetrics.Tag(ValoriMetrics.Operation, operation), ValoriMetrics.Tag(ValoriMetrics.Lane, isCostly ? "costly" : "ordinary"));
        }
    }

    /// <returns>What the answer waits for, or null if it was sent.</returns>
    private Task? Answer(QueryWork work)
    {
        if (work.Deadline > 0 && Stopwatch.GetTimestamp() >= work.Deadline)
        {
            ValoriMetrics.Overloaded.Add(1, ValoriMetrics.Tag(ValoriMetrics.Collection, work.Engine.Name), ValoriMetrics.Tag(ValoriMetrics.Reason, "deadline"));
            return Reply(work, new EngineFailure(EngineFailureKind.Overloaded, "the time that the sender waits was over before the query was begun; nothing was done"));
        }
        if (QueryStop.IsFutile(work.Client)) return null;
        if (Stopwatch.GetElapsedTime(work.Arrived) >= settings.RequestTimeout)
        {
            return Reply(work, new EngineFailure(EngineFailureKind.Overloaded,
                $"the query waited for {settings.RequestTimeout.TotalSeconds} s, which is the limit (valori.request-timeout), because others come before it; nothing was done, try again later"));
        }
        if (work.Query.AsOf is { } asOf)
        {
            if (!work.View.At(asOf, time.GetUnixMicroseconds()).TryGet(out DurableView? past, out Refusal? refusal)) return Reply(work, refusal);
            work = work with { View = past };
        }
        switch (work.Query)
        {
            case SearchQuestion search:
                return Begin(work, search);
            case GetTimeline(var from, var count):
                return CheckTimeline(from, count, work.View) is { } wrongPage
                    ? Reply(work, wrongPage)
                    : ReplyLater(work, work.Engine.Journal.ReadTimelineAsync(from, count, work.View.SequenceNr, work.View.History));
            case ProveHistory(var from, var to):
                if (CheckHistory(from, to, work.View) is { } wrongRange) return Reply(work, wrongRange);
                return work.View.History.CanProveFrom(from)
                    ? Reply(work, new HistoryExtension(work.View.History.Prove(from, to)))
                    : ReplyLater(work, ProveFromJournalAsync(from, to, work));
            case GetEvents events when events.Check(work.Engine.Published.Latest!.SequenceNr) is { } wrongPlace:
                return Reply(work, wrongPlace);
            case GetEvents events:
                work.Engine.Lanes.Feeds.Run(work, () => ReadEventsAsync(work, events));
                return null;
            case CompareWith(_, var limit) when Comparison.CheckLimit(limit) is { } wrongLimit:
                return Reply(work, wrongLimit);
            case CompareWith compare:
                ActorSystem system = Context.System;
                // It waits for digests, also of this engine, which other query actors answer: it must not keep one from them.
                work.Engine.Lanes.Comparisons.Run(work, () => CompareAsync(system, work.Engine.Gateway, compare));
                return null;
            case GetMany or ListRecords or CountRecords or Distinct or ListNodes or ListEdges or GetSubgraph or Expand or GetNodeEdges:
                return ReplyUntilStopped(work);
            default:
                return Reply(work, AnswerTo(work, CancellationToken.None, meter: null));
        }
    }

    private Task? ReplyUntilStopped(QueryWork work)
    {
        using QueryStop stop = new(work.Client, settings.RequestTimeout, work.Arrived);
        try
        {
            return Reply(work, Metered(work.Client, meter => AnswerTo(work, stop.Token, meter)));
        }
        catch (ReadLimitException)
        {
            work.Engine.Costly.Submit(work, work.Client, work.Engine.Gateway);
            return null;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            stop.Tell(work.Client, work.Engine.Gateway);
            return null;
        }
    }

    /// <summary>Builds an answer in the memory that its asker has for it, which gets back what was taken if it is not built after all.</summary>
    /// <exception cref="ReadLimitException">It is for the costly lane.</exception>
    private object Metered(IActorRef client, Func<ReadMeter, object> build)
    {
        IAnswerRoom? room = (client as ReplyRef)?.Room;
        ReadMeter meter = QueryLanes.MeterOf(isCostly, room is null ? null : room.Grow);
        try
        {
            return build(meter);
        }
        catch
        {
            room?.Shrink(meter.Bytes);
            throw;
        }
    }

    /// <summary>Waits for the first event if there is none yet, and reads as many as one message takes.</summary>
    private static async Task<EventPage> ReadEventsAsync(QueryWork work, GetEvents events)
    {
        CancellationToken gaveUp = (work.Client as ReplyRef)?.GaveUp ?? CancellationToken.None;
        if (!await work.Engine.Published.WaitForAsync(events.From, TimeSpan.FromMilliseconds(events.WaitMilliseconds), gaveUp).ConfigureAwait(false))
            return new EventPage(work.Engine.Published.Latest!.SequenceNr, []);
        DurableView view = work.Engine.Published.Latest!;
        return await work.Engine.Journal.ReadEventsAsync(events.From, events.Offset, view, RemoteFrame.LimitOf(work.Client)).ConfigureAwait(false);
    }

    private async Task<Comparison> CompareAsync(ActorSystem system, IActorRef gateway, CompareWith compare)
    {
        IActorRef other = await EngineAddresses.FindAsync(system, compare.Other, settings.RequestTimeout).ConfigureAwait(false);
        return await new EngineComparison(gateway, other, compare.Limit, settings.RequestTimeout).RunAsync().ConfigureAwait(false);
    }

    private static async Task<HistoryExtension> ProveFromJournalAsync(long from, long to, QueryWork work) =>
        new(await work.Engine.Journal.ProveAsync(from, to, work.View.History).ConfigureAwait(false));

    private static object AnswerTo(QueryWork work, CancellationToken stop, ReadMeter? meter)
    {
        DurableView durable = work.View;
        View view = durable.View;
        return work.Query switch
        {
            ProveContent(var kind, var id) => Prove(durable, kind, id),
            GetTreeDigests(var kind, var places) => Digests(view, kind, places),
            GetRecord(var record) => Content(view.GetRecord(record)),
            FindRecord(var record) => new RecordPresence(view.Find(record, out _)),
            GetMany(var records) many => Content(view.GetMany(records, many.With, Limits.MaximumAnswerBytes, stop, meter)),
            ListRecords list => Page(work, list, list.Cursor,
                (cursor, scope) => view.List(ToList(list, cursor, scope), Limits.MaximumAnswerBytes, stop, meter),
                (page, toClient) => page with { Cursor = toClient(page.Cursor) }),
            Distinct(var field, var filter, var limit) => Content(view.Distinct(new DistinctQuery(field, filter, limit), stop)),
            CountRecords(var filter) => new RecordTotal(view.Count(filter, stop)),
            GetMetadata(var id) => Content(view.GetMetadata(id)),
            GetNode(var node) => Content(view.GetNode(node)),
            GetEdge(var id) => Content(view.GetEdge(id)),
            GetNodeEdges(var id) => Content(view.GetEdges(id, Limits.MaximumGraphAnswer, Limits.MaximumAnswerBytes, stop, meter)),
            GetSubgraph(var starts, var depth) subgraph => Content(view.Subgraph(new SubgraphQuery(starts, depth) { Traversal = subgraph.Traversal, Limit = subgraph.Limit }, stop, meter)),
            ListNodes list => Page(work, list, list.Cursor,
                (cursor, scope) => view.ListNodes(ToList(list, cursor, scope), Limits.MaximumAnswerBytes, stop, meter),
                (page, toClient) => page with { Cursor = toClient(page.Cursor) }),
            ListEdges list => Page(work, list, list.Cursor,
                (cursor, scope) => view.ListEdges(ToList(list, cursor, scope), Limits.MaximumAnswerBytes, stop, meter),
                (page, toClient) => page with { Cursor = toClient(page.Cursor) }),
            Expand(var start, var depth) expand => view.Expand(start, depth, expand.Traversal, Limits.MaximumGraphAnswer, stop, meter)
                .TryGet(out IReadOnlyList<NodeId>? nodes, out Refusal? refusal) ? new NodeList(nodes) : refusal,
            GetStatus => new EngineStatus(
                work.Engine.Name, view.Schema, durable.SequenceNr, durable.UnixMicroseconds, view.StateHash, durable.Chain, durable.History.RootAt(durable.SequenceNr),
                view.RecordCount, view.NodeCount, view.EdgeCount, view.RecordSlots, view.NodeSlots, view.EdgeSlots),
            _ => throw new ArgumentException($"unknown query {work.Query.GetType().Name}"),
        };
    }

    private static object Prove(DurableView durable, ContentKind kind, ulong id)
    {
        Outcome<InclusionProof> outcome = kind switch
        {
            ContentKind.Record => durable.View.Prove(new RecordId(id)),
            ContentKind.Node => durable.View.Prove(new NodeId(id)),
            ContentKind.Edge => durable.View.Prove(new EdgeId(id)),
            _ => new Refusal(RefusalKind.InvalidArgument, $"{kind} is not a kind of content"),
        };
        return outcome.TryGet(out InclusionProof? proof, out Refusal? refusal) ? new ContentProof(durable.Place, proof) : refusal;
    }

    private static object Digests(View view, ContentKind kind, IReadOnlyList<TreePlace> places)
    {
        if (places.Count > TreeDigests.MaximumPlaces)
            return new Refusal(RefusalKind.LimitExceeded, $"{places.Count} digests are requested; the limit of one request is {TreeDigests.MaximumPlaces}");
        return view.GetDigests(kind, places).TryGet(out Digest[]? digests, out Refusal? refusal) ? new TreeDigests(digests) : refusal;
    }

    private static Refusal? CheckTimeline(long from, int count, DurableView view)
    {
        if (count is < 1 or > Timeline.MaximumEntries)
            return new Refusal(RefusalKind.InvalidArgument, $"count is {count}; it must be in 1..{Timeline.MaximumEntries}");
        return CheckSequenceNr("from", from, 1, view.SequenceNr);
    }

    private static Refusal? CheckHistory(long from, long to, DurableView view) =>
        CheckSequenceNr("from", from, 1, view.SequenceNr) ?? CheckSequenceNr("to", to, from, view.SequenceNr);

    private static Refusal? CheckSequenceNr(string what, long sequenceNr, long least, long most) => sequenceNr < least || sequenceNr > most
        ? new Refusal(RefusalKind.InvalidArgument, $"{what} is {sequenceNr}; it must be in {least}..{most}, the last being the newest event")
        : null;

    private static Task? Reply(QueryWork work, object reply)
    {
        work.Client.Tell(RemoteFrame.Fitting(reply, work.Client), work.Engine.Gateway);
        return null;
    }

    /// <summary>Sends the answer when it is there.</summary>
    internal static Task ReplyLater<T>(QueryWork work, Task<T> reply) =>
        reply.PipeTo(work.Client, work.Engine.Gateway, success: answer => RemoteFrame.Fitting(answer!, work.Client),
            failure: fault => work.Engine.IsDropped ? EngineDropped.RefusalOf(work.Engine.Name) : Failure(fault));

    private static object Failure(Exception fault) => fault switch
    {
        RefusedException refused => refused.Refusal,
        EngineException failed => new EngineFailure(failed.Kind, failed.Message),
        EventsDroppedException => new Refusal(RefusalKind.OutOfReach, fault.Message),
        CorruptionException => new EngineFailure(EngineFailureKind.Stopped, $"the journal is not what was written: {fault.Message}"),
        _ => new EngineFailure(EngineFailureKind.Recovering, $"the journal cannot be read: {Describe.Fault(fault)}; try again"),
    };

    private static object Content<T>(Outcome<T> outcome) where T : class => outcome.TryGet(out T? value, out Refusal? refusal) ? value : refusal;
}
