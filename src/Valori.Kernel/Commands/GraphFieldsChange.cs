using Valori.Kernel.Wire;
using Valori.Protocol;

namespace Valori.Kernel.Commands;

/// <summary>
/// What <see cref="SetNodeFields"/> and <see cref="SetEdgeFields"/>, and their events, have in common: the id of a node or an edge, and how its
/// fields change. The bytes of the four are the same. Frozen.
/// </summary>
/// <param name="Id">Of the node or the edge.</param>
internal readonly record struct GraphFieldsChange(ulong Id, FieldsMode Mode, Fields Fields, IReadOnlyList<string> Names)
{
    private FieldsChange Change => new(Mode, Fields, Names);

    public EventManner Manner => Change.Manner;

    /// <summary>As <see cref="FieldsChange.ContentBytes"/>.</summary>
    public long ContentBytes => Change.ContentBytes;

    /// <summary>As <see cref="FieldsChange.MissingProperty"/>.</summary>
    public string? MissingProperty => Change.MissingProperty;

    /// <summary>Why the change cannot be, or null.</summary>
    /// <param name="missing">Why there is no such node or edge, or null.</param>
    public Refusal? Fault(ITables tables, Refusal? missing) => Change.Fault() ?? missing ?? tables.CheckReplacingInGraph(1);

    /// <summary>As <see cref="FieldsChange.Apply"/>.</summary>
    public Outcome<Fields> Apply(Fields before) => Change.Apply(before);

    public void Write(ref WireWriter writer)
    {
        writer.UInt64(1, Id);
        Change.Write(ref writer, 2);
    }

    /// <exception cref="FormatException">As for <see cref="FieldsChange.Read"/>.</exception>
    public static GraphFieldsChange Read(ref WireReader reader)
    {
        ulong id = reader.UInt64(1);
        (FieldsMode mode, Fields fields, IReadOnlyList<string> names) = FieldsChange.Read(ref reader, 2);
        return new GraphFieldsChange(id, mode, fields, names);
    }

    public void AddTo(ref DigestMaterial digest)
    {
        digest.Add(Id);
        Change.AddTo(ref digest);
    }
}
