using System.Text;
using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Actors.Serialization;

/// <summary>
/// A request to open an engine as the protobuf message OpenEngine. In the canonical form, as commands are: with a part of the
/// schema that this version does not know, another engine would be created than the one that was asked for.
/// </summary>
internal readonly struct OpenEngineFields(OpenEngine open) : IWireFields
{
    public void WriteFields(ref WireWriter writer)
    {
        WantedSchema schema = open.Schema;
        byte[] name = Encoding.UTF8.GetBytes(open.Name);
        // What no engine can have must not become what any engine has: the other end refuses these numbers.
        ulong? metric = schema.Metric is { } wantedMetric ? unchecked((uint)wantedMetric) : null;
        int? exponent = schema.Scale is null ? null : schema.ScaleExponent ?? int.MaxValue;
        // A guardian that does not know metrics and scales would create an engine without them. It finds no name.
        bool isForNewer = metric > 0 || exponent is not (null or 0);
        if (!isForNewer) writer.Bytes(1, name);
        // A negative dimension is refused by the guardian like any other wrong one; on the wire it is 0.
        if (schema.Dimension is { } dimension) writer.SetUInt64(2, (ulong)Math.Max(0, dimension));
        writer.UInt64(3, open.Create ? 1UL : 0);
        writer.UInt64(4, open.Wait ? 0UL : 1);
        if (metric is { } wanted) writer.SetUInt64(5, wanted);
        if (exponent is { } power) writer.SetZigZag(6, power);
        if (isForNewer) writer.Bytes(7, name);
    }

    public static OpenEngine Read(ref WireReader reader)
    {
        ReadOnlyMemory<byte> name = reader.Bytes(1);
        int? dimension = Number(reader.OptionalUInt64(2), "dimension");
        bool create = reader.Int32(3, maximum: 1) == 1, atOnce = reader.Int32(4, maximum: 1) == 1;
        Metric? metric = (Metric?)Number(reader.OptionalUInt64(5), "metric");
        int? exponent = reader.OptionalZigZag32(6);
        if (exponent is < VectorScale.MinimumExponent or > VectorScale.MaximumExponent)
            throw new FormatException($"scale is 2^{exponent}; it must be in 2^{VectorScale.MinimumExponent}..2^{VectorScale.MaximumExponent}");
        if (reader.OptionalBytes(7) is { } withSchema)
            name = name.IsEmpty ? withSchema : throw new FormatException("fields 1 and 7 both have a name");
        return new OpenEngine(Encoding.UTF8.GetString(name.Span), new WantedSchema(dimension, metric, exponent is { } known ? VectorScale.Of(known) : null), create, !atOnce);
    }

    /// <summary>What is too large for the guardian to see is refused here; it refuses what else there cannot be.</summary>
    private static int? Number(ulong? value, string what) => value <= int.MaxValue || value is null
        ? (int?)value
        : throw new FormatException($"{what} is {value}, which is more than there can be");
}
