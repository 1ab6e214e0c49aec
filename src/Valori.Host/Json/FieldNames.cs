using Valori.Actors.Text;

namespace Valori.Host.Json;

/// <summary>The names that the fields of one kind of request have; what else comes is refused by name, before anything is carried out.</summary>
/// <param name="Of">What has the fields, for messages.</param>
/// <param name="Names">At most 64.</param>
internal sealed record FieldNames(string Of, string[] Names)
{
    /// <summary>The older spelling of <c>tag</c> in a search: taken still, and told to nobody.</summary>
    public const string FilterTag = "filter_tag";

    private const string Tag = "tag";
    private const string Request = "this request";

    // What other databases and older clients call it, or have in another place: no slip of the keyboard leads from one to the other.
    private static readonly (string Field, string Needs, string Advice)[] Elsewhere =
    [
        ("filter", FilterTag, "a search takes 'tag', a whole number"),
        ("filters", FilterTag, "a search takes 'tag', a whole number"),
        ("where", FilterTag, "a search takes 'tag', a whole number"),
        ("tags", FilterTag, "a search takes one tag, as 'tag'"),
        ("limit", "k", "the number of hits is 'k'"),
        ("top", "k", "the number of hits is 'k'"),
        ("top_k", "k", "the number of hits is 'k'"),
        ("metadata", "vector", "metadata is set after the insert, by 'set_metadata' or PUT .../records/{id}/metadata"),
        ("metadata", "vectors", "metadata is set after the insert, by 'set_metadata' or PUT .../records/{id}/metadata"),
        ("id", "vector", "ids are given out by the collection"),
        ("ids", "vectors", "ids are given out by the collection"),
        ("dim", "dimension", "did you mean 'dimension'"),
    ];

    /// <summary>Of a request over HTTP.</summary>
    public static FieldNames OfRequest(params string[] names) => new(Request, names);

    /// <summary>Takes the next field of a request.</summary>
    /// <param name="what">What it is called: a field, a parameter.</param>
    /// <param name="seen">The fields before it, a bit each.</param>
    /// <exception cref="RequestException">It is unknown, or came before.</exception>
    public void Take(string what, string name, ref ulong seen)
    {
        int index = Array.IndexOf(Names, name);
        if (index < 0) throw Unknown(what, name);
        ulong bit = 1UL << index;
        if ((seen & bit) != 0) throw new RequestException($"{what} '{name}' appears more than once");
        seen |= bit;
        if (Has(seen, Tag) && Has(seen, FilterTag))
            throw new RequestException($"{what} '{FilterTag}' is the older spelling of '{Tag}': give one of the two");
    }

    private RequestException Unknown(string what, string name)
    {
        string[] told = [.. Names.Where(known => known != FilterTag)];
        string known = told.Length == 0 ? $"{Of} takes none" : $"{Of} takes {string.Join(", ", told)}";
        return new RequestException($"unknown {what} '{Spelling.Shown(name)}'{Advice(name)}; {known}");
    }

    private string Advice(string name)
    {
        if (name == Operation.RequestId && Of == Request) return ": over HTTP it is the header Idempotency-Key";
        foreach ((string field, string needs, string advice) in Elsewhere)
        {
            if (field == name && Names.Contains(needs)) return $": {advice}";
        }
        return Spelling.Nearest(name, Names) is { } near ? $": did you mean '{(near == FilterTag ? Tag : near)}'" : "";
    }

    private bool Has(ulong seen, string name) => Array.IndexOf(Names, name) is >= 0 and var index && (seen & 1UL << index) != 0;
}
