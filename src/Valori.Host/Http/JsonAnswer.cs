using System.Buffers;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Valori.Host.Json;

namespace Valori.Host.Http;

/// <summary>
/// Answers as JSON, whose memory counts against the budget until they are sent. Each ends with a newline, as the lines of <c>valori exec</c> do: a
/// terminal shows it on lines of its own.
/// </summary>
internal static class JsonAnswer
{
    private const string ContentType = "application/json; charset=utf-8";

    private static readonly byte[] Newline = [(byte)'\n'];

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = AnswerJson.Options.Encoder, SkipValidation = true };

    // Writing the text of a large answer takes a thread of the pool for as long as a second. With so many at a time, small requests find one.
    private const long LargeBytes = 1 << 20;

    private static readonly SemaphoreSlim LargeTexts = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>
    /// Writes the whole answer before its first byte is sent, so that what it was made of is not kept for a slow reader, and one over
    /// the budget is still refused.
    /// </summary>
    /// <param name="hold">Has what the answer takes before it is text, which is returned when it is.</param>
    public static async Task WriteAsync(HttpContext context, object answer, JsonTypeInfo type, TransferHold hold)
    {
        long built = hold.Bytes;
        using AnswerChunks chunks = new(hold);
        bool isLarge = built > LargeBytes;
        if (isLarge) await LargeTexts.WaitAsync(context.RequestAborted);
        try
        {
            using Utf8JsonWriter writer = new(chunks, WriterOptions);
            JsonSerializer.Serialize(writer, answer, type);
        }
        finally
        {
            if (isLarge) LargeTexts.Release();
        }
        // Otherwise it would be kept with the state of this method.
        answer = null!;
        hold.Shrink(built);
        chunks.Write(Newline);
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = chunks.Length;
        if (chunks.Length > TransferBudget.FreeBytes) AskForSpeed(context);
        while (chunks.TryTake(out ReadOnlyMemory<byte> chunk)) await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
    }

    /// <summary>
    /// Writes the hits of a search while they are sent: as text they take four times the memory. The budget was asked for them before
    /// the search was carried out.
    /// </summary>
    public static async Task StreamAsync(HttpContext context, object found, JsonTypeInfo type, TransferHold hold)
    {
        context.Response.ContentType = ContentType;
        if (hold.Bytes > TransferBudget.FreeBytes) AskForSpeed(context);
        await JsonSerializer.SerializeAsync(context.Response.BodyWriter, found, type, context.RequestAborted);
        await context.Response.Body.WriteAsync(Newline, context.RequestAborted);
    }

    /// <summary>Sends a failure as problem details. It is small, and is sent even if the budget is used up.</summary>
    public static Task SendProblemAsync(HttpContext context, int status, string title, string detail) =>
        SendAsync(context, status, "application/problem+json", TypedResults.Problem(detail, statusCode: status, title: title).ProblemDetails);

    /// <summary>Sends a small answer, even if the budget is used up.</summary>
    public static Task SendAsync<TAnswer>(HttpContext context, int status, TAnswer answer) => SendAsync(context, status, ContentType, answer);

    private static async Task SendAsync<TAnswer>(HttpContext context, int status, string contentType, TAnswer answer)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter writer = new(bytes, WriterOptions)) JsonSerializer.Serialize(writer, answer, AnswerJson.Options);
        bytes.Write(Newline);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.WrittenCount;
        try
        {
            await context.Response.Body.WriteAsync(bytes.WrittenMemory, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away, which is not a failure of the service.
        }
    }

    /// <summary>Abandons the reader of a large answer that is slower than the limit.</summary>
    private static void AskForSpeed(HttpContext context)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) rate.MinDataRate = context.RequestServices.GetRequiredService<HttpLimits>().LargeAnswerRate;
    }

    /// <summary>The bytes of an answer in pooled arrays. What was taken from it is given back when the next is taken.</summary>
    private sealed class AnswerChunks(TransferHold hold) : IBufferWriter<byte>, IDisposable
    {
        private const int FirstBytes = 4 << 10;
        private const int ChunkBytes = 64 << 10;

        private readonly Queue<(byte[] Bytes, int Length)> _full = [];
        private byte[] _current = [];
        private int _used;
        private byte[]? _taken;

        public long Length { get; private set; }

        public void Advance(int count)
        {
            _used += count;
            Length += count;
        }

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_current.Length - _used < Math.Max(1, sizeHint)) Append(Math.Max(sizeHint, _current.Length == 0 ? FirstBytes : ChunkBytes));
            return _current.AsMemory(_used);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public bool TryTake(out ReadOnlyMemory<byte> chunk)
        {
            Return(_taken);
            _taken = null;
            if (_used > 0) EndCurrent();
            chunk = default;
            if (!_full.TryDequeue(out (byte[] Bytes, int Length) next)) return false;
            _taken = next.Bytes;
            chunk = next.Bytes.AsMemory(0, next.Length);
            return true;
        }

        public void Dispose()
        {
            Return(_taken);
            Return(_current);
            while (_full.TryDequeue(out (byte[] Bytes, int) chunk)) Return(chunk.Bytes);
            _taken = null;
            _current = [];
        }

        private void Append(int bytes)
        {
            // What the pool returns then.
            bytes = (int)BitOperations.RoundUpToPowerOf2((uint)bytes);
            hold.Grow(bytes);
            if (_used > 0) EndCurrent();
            else Return(_current);
            _current = ArrayPool<byte>.Shared.Rent(bytes);
        }

        private void EndCurrent()
        {
            _full.Enqueue((_current, _used));
            _current = [];
            _used = 0;
        }

        private void Return(byte[]? bytes)
        {
            if (bytes is null or []) return;
            hold.Shrink(bytes.Length);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
