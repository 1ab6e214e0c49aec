namespace Valori;

/// <summary>The two ends of a <see cref="ValidTime"/>. The numbers stand in journals and messages.</summary>
[Flags]
public enum ValidTimeEnds
{
    None = 0,

    /// <summary><see cref="ValidTime.FromUnixMicroseconds"/>.</summary>
    From = 1,

    /// <summary><see cref="ValidTime.ToUnixMicroseconds"/>.</summary>
    To = 2,
}
