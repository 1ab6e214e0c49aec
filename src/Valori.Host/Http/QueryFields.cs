using System.Globalization;
using Microsoft.Extensions.Primitives;
using Valori.Actors;
using Valori.Actors.Protocol;
using Valori.Actors.Text;
using Valori.Host.Json;
using Valori.Kernel;

namespace Valori.Host.Http;

/// <summary>The parameters of a request's query, read with errors that name them. Which there may be, <see cref="StrictRequests"/> has checked.</summary>
internal readonly struct QueryFields(HttpRequest request)
{
    private readonly IQueryCollection _query = request.Query;

    /// <exception cref="RequestException">A parameter is unknown, empty, or appears more than once.</exception>
    public static void Check(HttpRequest request, FieldNames names)
    {
        ulong seen = 0;
        foreach ((string name, StringValues values) in request.Query)
        {
            names.Take("parameter", name, ref seen);
            if (values.Count > 1) throw new RequestException($"parameter '{name}' appears {values.Count} times; it must appear once");
            if (values.ToString().Length == 0) throw new RequestException($"parameter '{name}' is empty: leave out what has no value");
        }
    }

    public long Int64(string name) => OptionalInt64(name) ?? throw Missing(name);

    public long? OptionalInt64(string name)
    {
        if (Optional(name) is not { } text) return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : throw Wrong(name, "a whole number of 64 bits", text);
    }

    public int Int32(string name) => OptionalInt32(name) ?? throw Missing(name);

    public int? OptionalInt32(string name)
    {
        if (Optional(name) is not { } text) return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : throw Wrong(name, "a whole number of 32 bits", text);
    }

    /// <summary>Which past state the query is about, by its parameter <c>as_of</c>; null where it has none.</summary>
    /// <exception cref="RefusedException">It is no sequence number, state hash or time.</exception>
    public AsOf? OptionalAsOf()
    {
        if (Optional("as_of") is not { } text) return null;
        return AsOf.Parse(text).TryGet(out AsOf? asOf, out Refusal? refusal) ? asOf : throw new RefusedException(refusal);
    }

    private string? Optional(string name) => _query.TryGetValue(name, out StringValues values) ? values.ToString() : null;

    private static RequestException Missing(string name) => new($"parameter '{name}' is missing");

    private static RequestException Wrong(string name, string expected, string text) =>
        new($"parameter '{name}' must be {expected}, got '{Spelling.Shown(text)}'");
}
