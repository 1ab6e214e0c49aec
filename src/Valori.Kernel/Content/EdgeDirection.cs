namespace Valori;

/// <summary>Which edges of a node a walk takes. The numbers stand in messages.</summary>
public enum EdgeDirection
{
    /// <summary>From the node.</summary>
    Out = 0,

    /// <summary>To the node.</summary>
    In = 1,

    /// <summary>From the node and to it.</summary>
    Both = 2,
}
