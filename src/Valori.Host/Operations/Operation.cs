using System.Text.Json.Serialization.Metadata;
using Valori.Host.Json;
using Valori.Protocol;

namespace Valori.Host.Operations;

/// <summary>What an operation may do, and so who may ask for it.</summary>
internal enum OperationKind
{
    /// <summary>Changes nothing.</summary>
    Read,

    /// <summary>Changes records, metadata, nodes or edges. Takes a request id, with which it can be sent again.</summary>
    Write,

    /// <summary>Changes a collection as a whole, or files.</summary>
    Admin,
}

/// <summary>
/// One entry of <see cref="OperationTable"/>: everything that a front end (<c>exec</c>, HTTP) has to know about an operation. The fields
/// of its request have the same names and meaning in each front end, and its answer has the same type.
/// </summary>
internal abstract class Operation
{
    /// <summary>The part of a path that names its collection.</summary>
    public const string CollectionName = "name";

    private const string OfCollection = "/v1/collections/{" + CollectionName + "}";

    // Whether the fields that are not in the path are parameters of the query.
    private readonly bool _takesQuery;

    protected Operation(OperationKind kind, string name, string route, string summary, Type request, bool takesQuery)
    {
        (Kind, Name, Route, Summary) = (kind, name, route, summary);
        int space = route.IndexOf(' ');
        (Method, string path) = (route[..space], route[(space + 1)..]);
        Path = path.StartsWith("/v1/", StringComparison.Ordinal) ? path : OfCollection + path;
        _takesQuery = takesQuery || Method is "GET" or "DELETE";
        Request = new RequestShape(request, PlaceOf);
        BodyForm = Method is "GET" or "DELETE" ? BodyForm.None
            : Request.Fields.Any(field => field.Place == FieldPlace.Bytes) ? BodyForm.Bytes
            : Request.Fields.Any(field => field.Place == FieldPlace.Body && field.IsRequired) ? BodyForm.Json
            : BodyForm.OptionalJson;
        NamesCollection = Path.StartsWith(OfCollection, StringComparison.Ordinal);
        IsOfCollection = NamesCollection && Request.Fields.All(field => field.Name != CollectionName);
        Part = Request.NamesOf($"the command '{name}'", ["op"], []);
        Line = Request.NamesOf($"'{name}'", ["op"], TakesRequestId ? [FieldNames.RequestId] : []);
    }

    public OperationKind Kind { get; }

    /// <summary>Its name in a line of <c>exec</c>.</summary>
    public string Name { get; }

    /// <summary>As docs/http.md has it: the method and a path, which is below <c>/v1/collections/{name}</c> unless it begins with <c>/v1/</c>.</summary>
    public string Route { get; }

    public string Method { get; }

    /// <summary>The whole path. Its parameters, except the name of the collection, are fields of the request.</summary>
    public string Path { get; }

    /// <summary>What it does, in a sentence.</summary>
    public string Summary { get; }

    public RequestShape Request { get; }

    /// <summary>What the body must be over HTTP.</summary>
    public BodyForm BodyForm { get; }

    /// <summary>How the answer becomes JSON.</summary>
    public abstract JsonTypeInfo Answer { get; }

    /// <summary>Whether its path names a collection.</summary>
    public bool NamesCollection { get; }

    /// <summary>Whether it works on a collection that exists, which its path names; otherwise on all of them.</summary>
    public bool IsOfCollection { get; }

    public bool TakesRequestId => Kind == OperationKind.Write;

    /// <summary>The fields of a line of <c>exec</c>.</summary>
    public FieldNames Line { get; }

    /// <summary>The fields of a command of a transaction.</summary>
    public FieldNames Part { get; }

    /// <summary>Whether a transaction can hold it.</summary>
    public abstract bool CanBePart { get; }

    /// <summary>The command that a request asks for, as part of a transaction.</summary>
    /// <exception cref="RequestException">Fields contradict each other.</exception>
    /// <exception cref="RefusedException">A vector is not allowed.</exception>
    public abstract Command CommandOf(EngineSchema schema, object request);

    /// <summary>How many hits the answer to a request may have; null if it has none.</summary>
    public abstract HitCount? HitsOf(object request);

    /// <summary>Carries out a request that <see cref="RequestShape"/> made.</summary>
    public abstract Task<object> AnswerAsync(OperationContext context, object request, CancellationToken cancellationToken);

    private FieldPlace PlaceOf(string name, FieldType type) =>
        Path.Contains($"{{{name}}}", StringComparison.Ordinal) ? FieldPlace.Path
        : _takesQuery ? FieldPlace.Query
        : type == FieldType.Bytes ? FieldPlace.Bytes
        : FieldPlace.Body;
}

/// <summary>What the body of a request must be over HTTP.</summary>
internal enum BodyForm
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A JSON object.</summary>
    Json,

    /// <summary>A JSON object, or nothing.</summary>
    OptionalJson,

    /// <summary>Bytes.</summary>
    Bytes,
}

/// <summary>The hits of an answer.</summary>
/// <param name="K">Hits of each search.</param>
/// <param name="HasMore">Whether each has more, of unknown size: nodes, or parts of its record.</param>
internal readonly record struct HitCount(int Searches, int K, bool HasMore = false);
