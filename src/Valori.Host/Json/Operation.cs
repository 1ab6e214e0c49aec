namespace Valori.Host.Json;

/// <summary>
/// One operation on a collection: its name in the dialect of <c>valori exec</c>, and the fields that a request of it may have. The one
/// table of them, <see cref="Operations"/>, is behind the dialect and HTTP alike, so that a field has one name and is refused in one way.
/// </summary>
internal sealed class Operation
{
    /// <summary>The field that names a command in the dialect; over HTTP it is the header <c>Idempotency-Key</c>.</summary>
    public const string RequestId = "request_id";

    /// <param name="pathFields">What stands in the path over HTTP, and is a field in the dialect.</param>
    /// <param name="fields">What stands in the body or the query over HTTP.</param>
    public Operation(string name, string[] pathFields, string[] fields, bool takesRequestId = false)
    {
        Name = name;
        Line = new FieldNames($"'{name}'", ["op", .. pathFields, .. fields, .. takesRequestId ? new[] { RequestId } : []]);
        Request = FieldNames.OfRequest(fields);
    }

    public string Name { get; }

    /// <summary>The fields of a line of the dialect.</summary>
    public FieldNames Line { get; }

    /// <summary>The fields of a body, or the parameters of a query.</summary>
    public FieldNames Request { get; }
}
