namespace Valori.Kernel.Content;

/// <summary>The names of the parts of a record in JSON and in messages.</summary>
internal static class RecordPartNames
{
    /// <summary>All of them, as a sentence lists them.</summary>
    public const string All = "key, fields, metadata, vector, tag or expires_at";

    /// <summary>The part with this name; null if there is none.</summary>
    public static RecordParts? Find(string name) => name switch
    {
        "key" => RecordParts.Key,
        "fields" => RecordParts.Fields,
        "metadata" => RecordParts.Metadata,
        "vector" => RecordParts.Vector,
        "tag" => RecordParts.Tag,
        "expires_at" => RecordParts.ExpiresAt,
        _ => null,
    };

    /// <summary>Why these are not parts of a record, or null.</summary>
    internal static Refusal? Check(RecordParts parts) => (parts & ~RecordParts.All) == 0
        ? null
        : new Refusal(RefusalKind.InvalidArgument, $"the parts of a record are {(int)parts}; they must be in 0..{(int)RecordParts.All} ({All})");
}
