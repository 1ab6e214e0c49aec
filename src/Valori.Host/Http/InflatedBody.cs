using System.IO.Compression;
using Valori.Host.Json;

namespace Valori.Host.Http;

/// <summary>A compressed body, read only, up to a number of decompressed bytes: a few kilobytes may decompress to gigabytes.</summary>
internal sealed class InflatedBody(GZipStream inner, long limitBytes) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="RequestException">The bytes are not gzip, are damaged, or end early (Directory.Build.props sets that).</exception>
    /// <exception cref="BadHttpRequestException">There are more than the limit.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (InvalidDataException)
        {
            // .NET's messages are about archives.
            throw new RequestException("the body is not complete gzip data, although its Content-Encoding says gzip: it is truncated, damaged (its checksum does not match), or in another format");
        }
        _read += read;
        return _read <= limitBytes
            ? read
            : throw new BadHttpRequestException($"the body is more than {limitBytes} bytes when it is decompressed", StatusCodes.Status413PayloadTooLarge);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
