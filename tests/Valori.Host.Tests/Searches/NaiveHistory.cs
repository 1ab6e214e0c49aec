using System.Globalization;
using Akka.Actor;
using Valori.Protocol;

namespace Valori.Host.Tests.Searches;

/// <summary>The naive model of the state after each event. One writer; any number of readers meanwhile.</summary>
internal sealed class NaiveHistory
{
    private readonly Lock _lock = new();
    private readonly NaiveModel _model;

    // By sequence number. There is no event 0, and event 1 creates the engine.
    private readonly List<(NaiveModel Model, Digest StateHash)> _states = [];

    public NaiveHistory(int dimension)
    {
        _model = new NaiveModel(dimension);
        _states.AddRange([(_model.Copy(), default), (_model.Copy(), _model.StateHash())]);
    }

    /// <summary>The last event whose receipt has come. The engine may be one event ahead.</summary>
    public long LastSequenceNr
    {
        get
        {
            lock (_lock) return _states.Count - 1;
        }
    }

    public Digest StateHashAt(long sequenceNr) => At(sequenceNr).StateHash;

    /// <summary>Sends random commands, one after another.</summary>
    public async Task WriteAsync(ValoriEngine engine, RandomCommands commands, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Command command = commands.Next();
            object answer = await engine.Gateway.Ask<object>(command, TimeSpan.FromSeconds(60));
            Assert.True(_model.Execute(command) == answer is Receipt, $"{command}: {answer}");
            if (answer is not Receipt receipt) continue;
            lock (_lock)
            {
                Assert.Equal(_states.Count, receipt.SequenceNr);
                _states.Add((_model.Copy(), receipt.StateHash));
            }
        }
    }

    /// <summary>Whether the answer is that of the state that was asked for: of the latest one, one that was it while the search ran.</summary>
    /// <param name="before">The last event whose receipt had come before the search was sent.</param>
    /// <param name="after">The same, when its answer had come.</param>
    public bool Answers(SearchCase asked, FoundHits found, long before, long after)
    {
        for (long sequenceNr = 1; sequenceNr <= LastSequenceNr; sequenceNr++)
        {
            (NaiveModel model, Digest stateHash) = At(sequenceNr);
            bool isAskedFor = asked.AsOf is null
                ? sequenceNr >= before && sequenceNr <= after + 1
                : asked.AsOf == sequenceNr.ToString(CultureInfo.InvariantCulture) || asked.AsOf == stateHash.ToString();
            if (isAskedFor && IsAnswer(model, asked, found) && IsReceipt(sequenceNr, stateHash, asked, found)) return true;
        }
        return false;
    }

    private static bool IsAnswer(NaiveModel model, SearchCase asked, FoundHits found)
    {
        if (found.Queries.Length != asked.Query.Vectors.Count) return false;
        for (int vector = 0; vector < found.Queries.Length; vector++)
        {
            if (!model.Search(asked.Query, vector).SequenceEqual(found.Queries[vector])) return false;
        }
        IEnumerable<FoundRecord> records = found.Queries.SelectMany(hits => hits).Select(hit => FoundRecord.Of(model.Records[(int)hit.Id]!.Value, asked.Query.With));
        if (!records.SequenceEqual(found.Records)) return false;
        return asked.Form != SearchForm.Expanded
            || found.Queries[0].Zip(found.Nodes ?? [], (hit, nodes) => model.Around(hit.Id, asked.Depth).SequenceEqual(nodes)).Count(isEqual => isEqual) == found.Queries[0].Length;
    }

    private static bool IsReceipt(long sequenceNr, Digest stateHash, SearchCase asked, FoundHits found)
    {
        if (asked.Form != SearchForm.Receipt) return found.Receipt is null;
        SearchHit[] hits = [.. found.Queries[0].Select(hit => new SearchHit(new RecordId(hit.Id), hit.Score))];
        return found.Receipt == new SearchReceipt(sequenceNr, stateHash, SearchDigest.Compute(stateHash, asked.Query, hits));
    }

    private (NaiveModel Model, Digest StateHash) At(long sequenceNr)
    {
        lock (_lock) return _states[(int)sequenceNr];
    }
}
