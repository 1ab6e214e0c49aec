using Valori.Actors.Text;

namespace Valori.Host.Json;

/// <summary>The names that the fields of one kind of request have; what else comes is refused by name, before anything is carried out.</summary>
/// <param name="Of">What has the fields, for messages.</param>
/// <param name="Names">In the order in which they are told; at most 64 with the older ones.</param>
/// <param name="Older">Older spellings: still taken, but not told.</param>
internal sealed record FieldNames(string Of, string[] Names, params OlderName[] Older)
{
    /// <summary>The field that names a command in the dialect; over HTTP it is the header <c>Idempotency-Key</c>.</summary>
    public const string RequestId = "request_id";

    private const string Request = "this request";

    // What other databases and older clients call it, or have in another place: no slip of the keyboard leads from one to the other.
    private static readonly (string Field, string Needs, string Advice)[] Elsewhere =
    [
        ("where", "filter", "conditions are in 'filter'"),
        ("tags", "filter", "a search takes one tag, as 'tag', or a filter such as \"tag in (1, 2)\""),
        ("limit", "k", "the number of hits is 'k'"),
        ("top", "k", "the number of hits is 'k'"),
        ("top_k", "k", "the number of hits is 'k'"),
        ("n_results", "k", "the number of hits is 'k'"),
        ("score_threshold", "minimum_similarity", "the least similarity is 'minimum_similarity' (cosine, dot), and the largest distance 'maximum_distance' (l2)"),
        ("min_similarity", "minimum_similarity", "the least similarity is 'minimum_similarity'"),
        ("min_score", "minimum_similarity", "the least similarity is 'minimum_similarity'"),
        ("max_distance", "maximum_distance", "the largest distance is 'maximum_distance'"),
        ("with_payload", "with", "what a hit has is in 'with', such as [\"key\",\"fields\"]"),
        ("with_vectors", "with", "what a hit has is in 'with', such as [\"key\",\"vector\"]"),
        ("include", "with", "what a hit has is in 'with', such as [\"key\",\"fields\"]"),
        ("metadata", "vectors", "what a record of a batch has is in 'records', one object a record"),
        ("vectors", "records", "each object of 'records' has its own 'vector'"),
        ("tags", "records", "each object of 'records' has its own 'tag'"),
        ("ids", "records", "the collection assigns the ids; your own names are the keys in 'records'"),
        ("id", "vector", "the collection assigns the ids; your own name for a record is its 'key'"),
        ("sort", "order_by", "the order is in 'order_by'"),
        ("dim", "dimension", "did you mean 'dimension'"),
    ];

    /// <summary>Of a request over HTTP.</summary>
    public static FieldNames OfRequest(string[] names, params OlderName[] older) => new(Request, names, older);

    /// <summary>Takes the next field of a request.</summary>
    /// <param name="what">What it is called: a field, a parameter.</param>
    /// <param name="seen">The fields before it, a bit each.</param>
    /// <exception cref="RequestException">It is unknown, or came before.</exception>
    public void Take(string what, string name, ref ulong seen)
    {
        int index = IndexOf(name);
        if (index < 0) throw Unknown(what, name);
        ulong bit = 1UL << index;
        if ((seen & bit) != 0) throw new RequestException($"{what} '{name}' appears more than once");
        seen |= bit;
        foreach (OlderName older in Older)
        {
            if (Has(seen, older.Name) && Has(seen, older.Now))
                throw new RequestException($"{what} '{older.Name}' is the older spelling of '{older.Now}': use one of the two");
        }
    }

    private RequestException Unknown(string what, string name)
    {
        string known = Names.Length == 0 ? $"{Of} takes none" : $"{Of} takes {string.Join(", ", Names)}";
        return new RequestException($"unknown {what} '{Spelling.Shown(name)}'{Advice(name)}; {known}");
    }

    private string Advice(string name)
    {
        if (name == RequestId && Of == Request) return ": over HTTP it is the header Idempotency-Key";
        foreach ((string field, string needs, string advice) in Elsewhere)
        {
            if (field == name && Names.Contains(needs)) return $": {advice}";
        }
        string[] spellings = [.. Names, .. Older.Select(older => older.Name)];
        return Spelling.Nearest(name, spellings) is { } near ? $": did you mean '{Array.Find(Older, older => older.Name == near)?.Now ?? near}'" : "";
    }

    private int IndexOf(string name)
    {
        int index = Array.IndexOf(Names, name);
        if (index >= 0 || Older.Length == 0) return index;
        int older = Array.FindIndex(Older, candidate => candidate.Name == name);
        return older < 0 ? older : Names.Length + older;
    }

    private bool Has(ulong seen, string name) => IndexOf(name) is >= 0 and var index && (seen & 1UL << index) != 0;
}

/// <summary>An older spelling of a field, and what it is called now.</summary>
internal sealed record OlderName(string Name, string Now);
