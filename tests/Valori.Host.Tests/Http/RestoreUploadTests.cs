using System.Buffers.Binary;
using Valori.Host.Tests.Support;
using Valori.Kernel.Snapshots;

namespace Valori.Host.Tests.Http;

/// <summary>An upload ends where it cannot be a snapshot of the collection any more, and not when it has filled the disk.</summary>
public sealed class RestoreUploadTests(ValoriService service) : IClassFixture<ValoriService>
{
    // What the sockets, Kestrel and the chunks on their way take in before the refusal is seen.
    private const long SoonBytes = 64L << 20;

    [Theory]
    [InlineData("zero bytes", 422, "VALORISN")]
    [InlineData("zero bytes after half of the header", 422, "header digest")]
    [InlineData("zero bytes after the header", 422, "dimension is 0; it must be in 1..65536")]
    [InlineData("zero bytes after the records", 422, "body digest")]
    [InlineData("a snapshot of another dimension, and zero bytes", 409, "the snapshot has dimension 3, this collection has 2")]
    [InlineData("a snapshot, and zero bytes", 422, "the end of the snapshot")]
    public async Task An_upload_without_end_is_refused_as_soon_as_it_is_wrong_and_leaves_no_trace(string what, int status, string detail)
    {
        string collection = await service.CreateCollectionAsync();
        await service.DoneAsync(HttpMethod.Post, $"{collection}/records", """{"vector":[1,2]}""");
        string before = (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText();
        byte[] same = await SnapshotAsync(dimension: 2), other = await SnapshotAsync(dimension: 3);
        byte[] start = what switch
        {
            "zero bytes" => [],
            "zero bytes after half of the header" => same[..1_000],
            "zero bytes after the header" => same[..SnapshotHeader.SizeBytes],
            "zero bytes after the records" => same[..^40],
            "a snapshot, and zero bytes" => same,
            _ => other,
        };
        (string answer, long sent) = await UploadAsync(service.Client.BaseAddress!, collection, start);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Contains(detail, answer);
        Assert.InRange(sent, 0, SoonBytes);
        Assert.Equal(before, (await service.DoneAsync(HttpMethod.Get, collection)).GetRawText());
        await NoSpoolFileAsync();
    }

    /// <summary>A zero byte is a deleted node: a small part of what it takes of memory.</summary>
    [Theory]
    [InlineData(1UL << 40)]
    [InlineData(ulong.MaxValue)]
    public async Task An_upload_that_promises_more_than_the_memory_has_room_for_is_413_before_it_is_there(ulong nodes)
    {
        string collection = await service.CreateCollectionAsync();
        byte[] start = (await SnapshotAsync(dimension: 2))[..(SnapshotHeader.SizeBytes + 28)];
        BinaryPrimitives.WriteUInt64LittleEndian(start.AsSpan(SnapshotHeader.SizeBytes + 4), 0);
        BinaryPrimitives.WriteUInt64LittleEndian(start.AsSpan(SnapshotHeader.SizeBytes + 12), nodes);
        (string answer, long sent) = await UploadAsync(service.Client.BaseAddress!, collection, start);
        Assert.StartsWith("HTTP/1.1 413 ", answer);
        Assert.Contains("valori.max-memory-bytes", answer);
        Assert.InRange(sent, 0, SoonBytes);
        await NoSpoolFileAsync();
    }

    private async Task<byte[]> SnapshotAsync(int dimension)
    {
        string path = await service.CreateCollectionAsync(dimension);
        await service.DoneAsync(HttpMethod.Post, $"{path}/records", $$"""{"vector":[{{string.Join(',', Enumerable.Repeat("1", dimension))}}]}""");
        return await File.ReadAllBytesAsync((await service.DoneAsync(HttpMethod.Post, $"{path}/save")).GetProperty("path").GetString()!);
    }

    private async Task NoSpoolFileAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (Directory.GetFiles(service.DirectoryPath, "restore-*").Length > 0) await Task.Delay(5, limit.Token);
    }

    /// <summary>Sends some bytes, and then the same byte until there is an answer.</summary>
    private static async Task<(string Answer, long SentBytes)> UploadAsync(Uri address, string collection, byte[] start, byte next = 0)
    {
        using RawConnection connection = new(address);
        await connection.SendAsync($"POST {collection}/restore HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        if (start.Length > 0) await SendAsync(start);
        byte[] same = new byte[64 << 10];
        same.AsSpan().Fill(next);
        long sent = 0;
        // Enough to fail the test, not the disk.
        for (; !connection.HasReceived && sent < 4 * SoonBytes; sent += same.Length) await SendAsync(same);
        Assert.True(connection.HasReceived, $"no answer after {sent} bytes");
        return (await connection.ReadToAsync("}\n"), sent);

        async Task SendAsync(byte[] bytes)
        {
            await connection.SendAsync($"{bytes.Length:x}\r\n");
            await connection.SendAsync(bytes);
            await connection.SendAsync("\r\n");
        }
    }
}
