namespace Valori.Kernel.Commands;

/// <summary>Which of the things that one kind of event can do it did. The numbers are sent to peers and are frozen.</summary>
internal enum EventManner : byte
{
    /// <summary>What the kind is called after.</summary>
    Usual = 0,

    /// <summary>It took away: fields by their names, an expiry, the ends of a valid time.</summary>
    Removed = 1,

    /// <summary>It put something in the place of what was there, or may have done so: records with the same keys, all fields.</summary>
    Replaced = 2,
}
