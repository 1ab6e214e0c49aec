using System.Buffers.Binary;

namespace Valori.Kernel.Proximity;

/// <summary>What a proximity graph is built with, besides content. The same content and parameters make the same graph, to the byte.</summary>
/// <param name="Degree">The maximum number of neighbours of a vertex. More help data without clusters, and take 4 bytes each.</param>
/// <param name="BuildBeam">The width of the searches that find a vertex's neighbours.</param>
/// <param name="AlphaPercent">
/// A neighbour is left out if another one is nearer to it than the vertex is, by this factor of squared distances. More keeps longer edges.
/// </param>
internal readonly record struct ProximityParameters(int Degree, int BuildBeam, int AlphaPercent)
{
    public const int MinimumDegree = 4;
    public const int MaximumDegree = 128;
    public const int MinimumBuildBeam = 8;
    public const int MaximumBuildBeam = 1_024;
    public const int MinimumAlphaPercent = 100;
    public const int MaximumAlphaPercent = 400;

    /// <summary>The bytes in digests and files.</summary>
    public const int EncodedBytes = 12;

    public static ProximityParameters Default => new(32, 100, 107);

    /// <summary>Why there is no such graph, or null.</summary>
    public Refusal? Check() =>
        Check("degree", Degree, MinimumDegree, MaximumDegree)
        ?? Check("build beam", BuildBeam, MinimumBuildBeam, MaximumBuildBeam)
        ?? Check("alpha", AlphaPercent, MinimumAlphaPercent, MaximumAlphaPercent);

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Degree);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], BuildBeam);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], AlphaPercent);
    }

    public static ProximityParameters Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]));

    private static Refusal? Check(string name, int value, int least, int most) => value >= least && value <= most
        ? null
        : new Refusal(RefusalKind.InvalidArgument, $"the {name} of the proximity graph is {value}; it must be in {least}..{most}");
}
