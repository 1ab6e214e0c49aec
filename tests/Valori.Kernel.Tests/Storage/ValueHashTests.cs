using Valori.Kernel.Filters;
using Valori.Kernel.Storage;

namespace Valori.Kernel.Tests.Storage;

public sealed class ValueHashTests
{
    [Fact]
    public void Whole_numbers_have_hashes_of_their_own()
    {
        // The negative half was where the positive one is: n and -n - 1 met.
        uint[] hashes = [.. Enumerable.Range(-20_000, 40_000).Select(number => Hash(number))];
        // Of so many random hashes of 32 bits, 0.2 pairs are expected to meet.
        Assert.InRange(hashes.Distinct().Count(), hashes.Length - 10, hashes.Length);
        Assert.NotEqual(Hash(-1), Hash(0));
        Assert.NotEqual(Hash(FieldValue.Timestamp(-1)), Hash(FieldValue.Timestamp(0)));
        Assert.NotEqual(Hash(0.25), Hash(-0.25));
    }

    [Fact]
    public void Numbers_that_are_equal_have_one_hash_whatever_their_type()
    {
        foreach (long number in new[] { 0, 1, -1, 1L << 53, long.MinValue }) Assert.Equal(Hash(number), Hash((double)number));
    }

    private static uint Hash(FieldValue value) => Assert.Single(ValueHash.Of(FilterOperand.Parse("n", out _)!, new FilterLiteral(value)));
}
