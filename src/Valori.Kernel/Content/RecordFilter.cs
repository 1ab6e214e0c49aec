namespace Valori.Kernel;

/// <summary>
/// Which records a search is about. The kernel, the messages, the facade and HTTP pass this one type on. A new kind of filter
/// is a member here, its rows in <see cref="Search.SearchPlan"/>, and its bytes on the wire and in <see cref="Proofs.SearchDigest"/>.
/// </summary>
public abstract record RecordFilter
{
    private RecordFilter()
    {
    }

    /// <summary>Every record.</summary>
    public static RecordFilter All { get; } = new Everything();

    /// <summary>The records that have this tag.</summary>
    public static RecordFilter Tag(ulong tag) => new TagEquals(tag);

    /// <summary>The records that have this tag; every record if it is null.</summary>
    public static RecordFilter TagOrAll(ulong? tag) => tag is { } wanted ? Tag(wanted) : All;

    internal sealed record Everything : RecordFilter
    {
        public override string ToString() => "all";
    }

    internal sealed record TagEquals(ulong Wanted) : RecordFilter
    {
        public override string ToString() => $"tag = {Wanted}";
    }
}
