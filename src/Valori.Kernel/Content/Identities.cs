namespace Valori;

/// <summary>Identity of a record: counts up from 0 and is never reused.</summary>
public readonly record struct RecordId(ulong Value) : IComparable<RecordId>
{
    public int CompareTo(RecordId other) => Value.CompareTo(other.Value);
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Identity of a graph node: counts up from 0 and is never reused.</summary>
public readonly record struct NodeId(ulong Value) : IComparable<NodeId>
{
    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Identity of a directed edge: counts up from 0 and is never reused.</summary>
public readonly record struct EdgeId(ulong Value) : IComparable<EdgeId>
{
    public int CompareTo(EdgeId other) => Value.CompareTo(other.Value);
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What a node stands for: one byte; 1 to 3 are named here, all other values are the user's own.</summary>
public readonly record struct NodeKind(byte Value)
{
    public static NodeKind Record => new(1);
    public static NodeKind Document => new(2);
    public static NodeKind Chunk => new(3);
}

/// <summary>What an edge means: one byte; 1 and 2 are named here, all other values are the user's own.</summary>
public readonly record struct EdgeKind(byte Value)
{
    public static EdgeKind ParentOf => new(1);
    public static EdgeKind RefersTo => new(2);
}
