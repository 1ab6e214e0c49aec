using Valori.Fuzz.Targets;

namespace Valori.Fuzz;

/// <summary>That the harness sees: each mistake of <see cref="DefectiveTargets"/> is found, shown and shrunk.</summary>
public sealed class HarnessTests
{
    private const int Seed = 7;

    [Fact]
    public void A_decoder_that_trusts_a_length_field_is_found()
    {
        FuzzFailure found = Find(DefectiveTargets.TrustsLength);
        Assert.Equal(FuzzFailureKind.Allocation, found.Kind);
        Assert.InRange(found.Shrunk.Length, 4, 8);
        Assert.Contains("target defective-length, seed 7, round ", found.Message);
        Assert.Contains(Convert.ToBase64String(found.Shrunk), found.Message);
        Assert.Equal(FuzzFailureKind.Allocation, Assert.Throws<FuzzFailure>(() => Harness.Replay(DefectiveTargets.TrustsLength, found.Shrunk)).Kind);
    }

    [Fact]
    public void A_decoder_that_throws_what_it_does_not_declare_is_found()
    {
        FuzzFailure found = Find(DefectiveTargets.ThrowsAnything);
        Assert.Equal(FuzzFailureKind.UndeclaredException, found.Kind);
        Assert.IsType<IndexOutOfRangeException>(found.InnerException);
        Assert.Equal(4, found.Shrunk.Length);
    }

    [Fact]
    public void A_decoder_that_does_not_end_is_found_and_left_behind() => Assert.Equal(FuzzFailureKind.Hang, Find(DefectiveTargets.NeverEnds).Kind);

    [Fact]
    public void A_decoder_that_takes_too_long_is_found() => Assert.Equal(FuzzFailureKind.Slow, Find(DefectiveTargets.Dawdles).Kind);

    [Fact]
    public void A_decoder_that_takes_changed_bytes_is_found() => Assert.IsType<BrokenPromiseException>(Find(DefectiveTargets.BelievesAnything).InnerException);

    [Fact]
    public void A_run_that_gets_behind_no_check_is_no_success() => Assert.Equal(FuzzFailureKind.NothingAccepted, Find(DefectiveTargets.RefusesEverything).Kind);

    [Fact]
    public void The_same_seed_makes_the_same_inputs_and_another_one_others()
    {
        Mutator one = new(JournalEntryTarget.Target), again = new(JournalEntryTarget.Target);
        int valid = JournalEntryTarget.Target.Corpus.Value.Count, different = 0;
        for (long round = 0; round < valid + 500; round++)
        {
            byte[] input = one.Make(Seed, round);
            Assert.Equal(input, again.Make(Seed, round));
            if (!input.AsSpan().SequenceEqual(again.Make(Seed + 1, round))) different++;
        }
        Assert.InRange(different, 450, 500);
    }

    private static FuzzFailure Find(FuzzTarget target) => Assert.Throws<FuzzFailure>(() => Harness.Run(target, Seed));
}
