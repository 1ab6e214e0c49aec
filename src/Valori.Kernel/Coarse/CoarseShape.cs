namespace Valori.Kernel.Coarse;

/// <summary>
/// How the components of a coarse column are laid out: groups of 4 components, and the groups in strata. A scan reads the
/// first stratum of all rows, and of the next ones only the rows that the strata before could not exclude.
/// </summary>
internal sealed class CoarseShape
{
    /// <summary>Components of a group: one 32-bit lane.</summary>
    public const int GroupComponents = 4;

    // A whole stratum is a multiple of so many groups: the batch scan adds up four at a time.
    private const int StratumMultiple = 4;

    public CoarseShape(int dimension)
    {
        Dimension = dimension;
        Groups = (dimension + GroupComponents - 1) / GroupComponents;
        // Half and three quarters of the components: in 128 dimensions the first half excludes 98 rows of 100 of another
        // cluster, in 384 all but a few in 10,000 (docs/benchmarks.md). Below 64 there is nothing to gain.
        int half = Groups / 2 / StratumMultiple * StratumMultiple, threeQuarters = Groups * 3 / 4 / StratumMultiple * StratumMultiple;
        Ends = dimension < 64 ? [Groups] : [half, threeQuarters, Groups];
    }

    public int Dimension { get; }

    /// <summary>Groups of a row; the last one is padded with components of code 0.</summary>
    public int Groups { get; }

    /// <summary>The group after the last one of each stratum; ascending, the last is <see cref="Groups"/>.</summary>
    public int[] Ends { get; }

    public int Strata => Ends.Length;

    /// <summary>The first group of a stratum.</summary>
    public int Start(int stratum) => stratum == 0 ? 0 : Ends[stratum - 1];

    /// <summary>Groups of a stratum.</summary>
    public int Length(int stratum) => Ends[stratum] - Start(stratum);

    /// <summary>The component after the last one of a stratum.</summary>
    public int EndComponent(int stratum) => Math.Min(Dimension, Ends[stratum] * GroupComponents);
}
