using System.Numerics;

namespace Valori.Kernel.Storage;

/// <summary>
/// One value in a record's metadata history, newest first. Value k also knows value k &amp; (k - 1), so that an old one among m is
/// found with O(log² m) steps.
/// </summary>
internal sealed class MetadataValue
{
    private readonly MetadataValue? _previous;
    private readonly MetadataValue? _earlier;
    private readonly uint _ordinal;

    /// <param name="previous">The newest value so far.</param>
    public MetadataValue(byte[] value, ulong version, MetadataValue? previous)
    {
        Value = value;
        Version = version;
        _previous = _earlier = previous;
        _ordinal = (previous?._ordinal ?? 0) + 1;
        // Each step clears the lowest bit of an ordinal; ordinal - 1 has as many ones at its end as ordinal has zeros.
        for (int i = BitOperations.TrailingZeroCount(_ordinal); i > 0; i--) _earlier = _earlier!._earlier;
    }

    public byte[] Value { get; }

    public ulong Version { get; }

    /// <summary>The value as of the version, or null if there was none.</summary>
    public MetadataValue? At(ulong version)
    {
        if (Version <= version) return this;
        // Looks for the first value after the version: the one before it is the answer.
        MetadataValue value = this;
        while (value.StepBack(version) is { } earlier) value = earlier;
        return value._previous;
    }

    /// <summary>An earlier value that is later than the version too: the farther one, if it is; null if there is none.</summary>
    internal MetadataValue? StepBack(ulong version) =>
        _earlier?.Version > version ? _earlier : _previous?.Version > version ? _previous : null;
}
