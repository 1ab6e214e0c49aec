using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Benchmarks.Scenarios;

/// <summary>
/// Proofs of single records: of the state that is there, of a state with a thousand deletions behind it, and checking them; and
/// proofs of a history of as many events as there are rows. A proof is one sample.
/// </summary>
internal static class ProofScenario
{
    private const int Proofs = 1_000;
    private const int Deletions = 1_000;

    public static void Run(BenchmarkOptions options, Report report)
    {
        DataSet data = new(options);
        ValoriKernel kernel = data.BuildKernel();
        Random random = new((int)options.Seed);
        RecordId[] ids = [.. Enumerable.Range(0, Proofs).Select(_ => new RecordId((ulong)random.Next(options.Rows)))];
        View view = kernel.TakeView();

        byte[][] proofs = new byte[Proofs][];
        report.Add("proof of a record", "us", Sampled(i => proofs[i] = view.Prove(ids[i]).OrThrow().ToBytes()));
        report.Add("size of a proof", "B", [proofs[0].Length]);
        report.Add("verifying one", "us", Sampled(i => ProofVerifier.VerifyInclusion(proofs[i], view.StateHash).OrThrow()));

        for (int i = 0; i < Deletions;)
        {
            if (!kernel.Decide(new DeleteRecord(new RecordId((ulong)random.Next(options.Rows)))).TryGet(out Event? deleted, out _)) continue;
            kernel.Apply(deleted);
            i++;
        }
        report.Add($"the same, {Deletions:N0} deletions later", "us", Sampled(i => proofs[i] = view.Prove(ids[i]).OrThrow().ToBytes()));

        History history = new();
        Digest stateHash = kernel.StateHash;
        for (int i = 0; i < options.Rows; i++) history.Extend(i, stateHash, 1);
        HistoryPlace[] places = [.. ids.Select(id => PlaceAt(history, (long)id.Value + 1, stateHash)), PlaceAt(history, options.Rows, stateHash)];
        report.Add("proof of a history", "us", Sampled(i => proofs[i] = history.Prove((long)ids[i].Value + 1, options.Rows).ToBytes()));
        report.Add("verifying that", "us", Sampled(i =>
        {
            if (ProofVerifier.VerifyHistory(proofs[i], places[i], places[^1]) is { } refusal) throw new InvalidOperationException(refusal.Message);
        }));
    }

    private static HistoryPlace PlaceAt(History history, long sequenceNr, Digest stateHash) =>
        new(sequenceNr, history.TimeOf(sequenceNr), stateHash, history.ChainOf(sequenceNr), history.RootAt(sequenceNr));

    /// <summary>Every proof twice: the first time warms up.</summary>
    private static double[] Sampled(Action<int> work)
    {
        for (int i = 0; i < Proofs; i++) work(i);
        double[] microseconds = new double[Proofs];
        for (int i = 0; i < Proofs; i++) microseconds[i] = 1e6 * Stopwatches.Seconds(() => work(i));
        return microseconds;
    }
}
