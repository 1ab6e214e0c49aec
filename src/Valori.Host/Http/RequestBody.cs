using System.IO.Compression;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;
using Valori.Host.Json;
using Valori.Host.Operations;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Valori.Host.Http;

/// <summary>The body of a request. Its memory counts against the budget until it is disposed.</summary>
internal sealed class RequestBody : IDisposable
{
    // A body that is kept in memory while it arrives must not trickle in.
    private static readonly MinDataRate LargeBodyRate = new(bytesPerSecond: 16 << 10, gracePeriod: TimeSpan.FromSeconds(10));

    // What the engine makes of the numbers while the request is under way: rows of integers, and the journal's event with them again.
    // Measured: a body of 249 MiB with 131 million numbers, 500 MiB as floats, takes 1.1 GiB at its peak.
    private const int MemoryFactor = 3;

    private readonly TransferHold _hold;
    private readonly JsonDocument _document;

    private RequestBody(TransferHold hold, JsonDocument document, BodyArrays arrays, FieldNames names)
    {
        _hold = hold;
        _document = document;
        Fields = new JsonFields(document.RootElement, names, arrays);
    }

    /// <summary>The fields of the object. Valid until this is disposed.</summary>
    public JsonFields Fields { get; }

    /// <summary>Whether a body may come: in chunks, it may be announced and be empty.</summary>
    public static bool IsPresent(HttpRequest request) =>
        request.ContentLength != 0 && request.HttpContext.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody;

    /// <summary>Reads JSON, when there is any.</summary>
    public static async Task<RequestBody?> ReadOptionalJsonAsync(HttpRequest request, FieldNames names, CancellationToken stop) =>
        IsPresent(request) ? await ReadJsonAsync(request, names, stop) : null;

    /// <summary>Reads JSON.</summary>
    /// <param name="names">The fields that it may have.</param>
    /// <exception cref="BadHttpRequestException">The body is of another type, or too large.</exception>
    /// <exception cref="RequestException">It is not a JSON object, or has a field that is unknown, <c>null</c>, or there twice.</exception>
    /// <exception cref="RefusedException">It is larger than the budget.</exception>
    /// <exception cref="EngineException">It does not fit beside what is in flight.</exception>
    public static async Task<RequestBody> ReadJsonAsync(HttpRequest request, FieldNames names, CancellationToken stop)
    {
        RequireType(request, "application/json", "curl --json, or -H 'content-type: application/json'");
        if (request.ContentLength is null or > TransferBudget.FreeBytes
            && request.HttpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = LargeBodyRate;
        TransferHold hold = TransferBudget.Of(request.HttpContext).Hold("the body");
        JsonDocument? document = null;
        try
        {
            await using Stream body = Decoded(request, Math.Min(HttpLimits.BodyBytes, MaximumOfKey(request) ?? HttpLimits.BodyBytes));
            (document, BodyArrays arrays) = await new BodyReader(names, bytes => hold.Grow(bytes * MemoryFactor), PartRequest.Read).ReadAsync(body, stop);
            return new RequestBody(hold, document, arrays, names);
        }
        catch
        {
            document?.Dispose();
            hold.Dispose();
            throw;
        }
    }

    /// <summary>A body of bytes of any length, to be read as it arrives.</summary>
    /// <exception cref="BadHttpRequestException">The body is of another type.</exception>
    public static Stream OpenBytes(HttpRequest request)
    {
        request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = MaximumOfKey(request);
        RequireType(request, "application/octet-stream", "curl -H 'content-type: application/octet-stream'");
        return Decoded(request, MaximumOfKey(request) ?? long.MaxValue);
    }

    private static long? MaximumOfKey(HttpRequest request) => request.HttpContext.Features.Get<KeyTraffic>()?.MaximumBodyBytes;

    public void Dispose()
    {
        _document.Dispose();
        _hold.Dispose();
    }

    /// <summary>A browser sends any other type from any page without asking this service first.</summary>
    private static void RequireType(HttpRequest request, string type, string advice)
    {
        bool isType = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? given) && given.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase);
        if (isType && given!.Charset is { HasValue: true } charset && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            && !charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase))
        {
            throw new BadHttpRequestException($"the body's charset is {charset}; it must be utf-8", StatusCodes.Status415UnsupportedMediaType);
        }
        if (isType) return;
        string sent = string.IsNullOrEmpty(request.ContentType) ? "the body has no Content-Type" : $"the body's Content-Type is '{request.ContentType}'";
        throw new BadHttpRequestException($"{sent}; it must be {type} ({advice})", StatusCodes.Status415UnsupportedMediaType);
    }

    /// <param name="limitBytes">How many bytes it may decompress to.</param>
    private static Stream Decoded(HttpRequest request, long limitBytes)
    {
        string[] encodings = [.. request.Headers.ContentEncoding.SelectMany(value => value!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))];
        if (encodings.Length == 0) return request.Body;
        if (encodings is [var only] && (only.Equals("gzip", StringComparison.OrdinalIgnoreCase) || only.Equals("x-gzip", StringComparison.OrdinalIgnoreCase)))
            return new InflatedBody(new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true), limitBytes);
        request.HttpContext.Response.Headers.AcceptEncoding = "gzip";
        throw new BadHttpRequestException($"the body's Content-Encoding is '{string.Join(", ", encodings)}'; it must be gzip or none", StatusCodes.Status415UnsupportedMediaType);
    }
}
