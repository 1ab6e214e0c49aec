using System.Diagnostics;

namespace Valori.Fuzz;

/// <summary>How a run went.</summary>
/// <param name="Accepted">Inputs that were taken as valid.</param>
/// <param name="MostAllocated">Of the input that took most in relation to its bound: the bytes, and the bound.</param>
internal sealed record FuzzReport(long Rounds, long Accepted, TimeSpan Elapsed, (long Bytes, long Bound) MostAllocated, TimeSpan Slowest)
{
    public override string ToString() =>
        $"{Rounds} rounds in {Elapsed.TotalSeconds:F1} s, {Accepted} accepted; "
        + $"at most {MostAllocated.Bytes} bytes allocated where {MostAllocated.Bound} may be; slowest {Slowest.TotalMilliseconds:F0} ms";
}

/// <summary>
/// Attacks a target with inputs that are a function of the corpus, the seed and the round alone, and stops at the first find.
/// Each call's exceptions, allocation and time are looked at; a call that does not end is given up.
/// </summary>
internal static class Harness
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <exception cref="FuzzFailure">A find.</exception>
    public static FuzzReport Run(FuzzTarget target, long seed, long? rounds = null, TimeSpan? duration = null)
    {
        FuzzRun run = new(target, seed, rounds ?? (duration is null ? target.Rounds : long.MaxValue), duration ?? TimeSpan.MaxValue);
        // A thread of its own: one that hangs can be left behind, and nobody else allocates on it.
        Thread thread = new(run.Go) { IsBackground = true, Name = $"fuzz {target.Name}" };
        thread.Start();
        while (!thread.Join(PollInterval))
        {
            if (run.HangingInput() is { } input)
                throw new FuzzFailure(target, FuzzFailureKind.Hang, seed, run.Round, input, input, $"no end after {target.HangLimit}", null);
        }
        return run.Failure is null ? run.Report() : throw run.Failure;
    }

    /// <summary>One input that is known, as a regression.</summary>
    /// <exception cref="FuzzFailure">It is a find still, or again.</exception>
    public static void Replay(FuzzTarget target, byte[] input)
    {
        if (FuzzCall.Make(target, input) is { Fault: { } fault } call)
            throw new FuzzFailure(target, fault, 0, 0, input, input, call.Reason!, call.Exception);
    }

    /// <summary>The state of a run, between the thread that attacks and the one that watches.</summary>
    private sealed class FuzzRun(FuzzTarget target, long seed, long rounds, TimeSpan duration)
    {
        // A person waits for the shrunk input: it may not take longer than they wait.
        private static readonly TimeSpan ShrinkTime = TimeSpan.FromSeconds(10);

        private readonly long _start = Stopwatch.GetTimestamp();
        private long _round;
        private long _accepted;
        private (long Bytes, long Bound) _mostAllocated = (0, 1);
        private TimeSpan _slowest;
        private volatile byte[]? _input;
        private long _inputStart;

        public FuzzFailure? Failure { get; private set; }

        public long Round => Volatile.Read(ref _round);

        public FuzzReport Report() => new(_round, _accepted, Stopwatch.GetElapsedTime(_start), _mostAllocated, _slowest);

        /// <summary>The input that is being tried for too long, or null.</summary>
        public byte[]? HangingInput() =>
            _input is { } input && Stopwatch.GetElapsedTime(Volatile.Read(ref _inputStart)) > target.HangLimit ? input : null;

        public void Go()
        {
            try
            {
                Attack();
            }
            catch (FuzzFailure failure)
            {
                Failure = failure;
            }
            catch (Exception e)
            {
                Failure = new FuzzFailure(target, FuzzFailureKind.UndeclaredException, seed, _round, [], [], $"the harness or the corpus failed: {e}", e);
            }
        }

        private void Attack()
        {
            Mutator mutator = new(target);
            WarmUp();
            for (; _round < rounds && Stopwatch.GetElapsedTime(_start) < duration; Volatile.Write(ref _round, _round + 1))
            {
                byte[] input = mutator.Make(seed, _round);
                if (FuzzSettings.LastInputFile is { } file) File.WriteAllBytes(file, input);
                FuzzCall call = Try(input);
                if (call.Fault is { } fault) throw Find(fault, call, input);
                if (call.WasAccepted) _accepted++;
                if (call.Elapsed > _slowest) _slowest = call.Elapsed;
                long bound = target.Allocation.For(input.Length);
                if ((double)call.Allocated / bound > (double)_mostAllocated.Bytes / _mostAllocated.Bound) _mostAllocated = (call.Allocated, bound);
            }
            if (_accepted == 0 && _round > target.Corpus.Value.Count)
                throw new FuzzFailure(target, FuzzFailureKind.NothingAccepted, seed, _round, [], [], "the inputs are too far from valid ones", null);
        }

        /// <summary>What static fields and first calls allocate is nobody's input.</summary>
        private void WarmUp()
        {
            foreach (byte[] valid in target.Corpus.Value)
            {
                try
                {
                    target.Attack(valid);
                }
                catch (Exception)
                {
                    // The same inputs are the first rounds.
                }
            }
        }

        private FuzzCall Try(byte[] input)
        {
            Volatile.Write(ref _inputStart, Stopwatch.GetTimestamp());
            _input = input;
            FuzzCall call = FuzzCall.Make(target, input);
            _input = null;
            return call;
        }

        private FuzzFailure Find(FuzzFailureKind fault, FuzzCall call, byte[] input)
        {
            byte[] shrunk = Shrinker.Shrink(input, ShrinkTime, candidate => Try(candidate).FailsLike(call));
            return new FuzzFailure(target, fault, seed, _round, input, shrunk, call.Reason!, call.Exception);
        }
    }
}
