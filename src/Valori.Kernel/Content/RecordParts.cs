namespace Valori;

/// <summary>Which parts of a record an answer holds. Its id is always there.</summary>
[Flags]
public enum RecordParts
{
    /// <summary>The id alone.</summary>
    None = 0,

    /// <summary><see cref="RecordContent.Key"/>.</summary>
    Key = 1,

    /// <summary><see cref="RecordContent.Fields"/>.</summary>
    Fields = 2,

    /// <summary><see cref="RecordContent.Metadata"/>.</summary>
    Metadata = 4,

    /// <summary><see cref="RecordContent.Vector"/>.</summary>
    Vector = 8,

    /// <summary><see cref="RecordContent.Tag"/>.</summary>
    Tag = 16,

    /// <summary><see cref="RecordContent.ExpiresAtUnixMicroseconds"/>.</summary>
    ExpiresAt = 32,

    /// <summary>Everything but the vector, which is most of a record's bytes.</summary>
    AllButVector = Key | Fields | Metadata | Tag | ExpiresAt,

    /// <summary>Everything.</summary>
    All = AllButVector | Vector,
}
