using System.Text;
using System.Text.Json.Serialization;
using Valori.Actors.Files;
using Valori.Host.Json;

namespace Valori.Host.Security;

/// <summary>What an administrator did, or began to do.</summary>
/// <param name="Action">The name of the operation, or the verb of the command line.</param>
/// <param name="Target">What it is about: the path of the request, a collection, or a key.</param>
/// <param name="Key">The name of the API key; null without one.</param>
/// <param name="Address">Where the request came from; null on the command line.</param>
internal sealed record AuditLine(string Action, string Target, string? Key, string? Address)
{
    /// <summary>The user of the machine who gave the command; null over HTTP.</summary>
    public string? User { get; init; }

    /// <summary>How it ended, as a status of HTTP; null when it begins.</summary>
    public int? Status { get; init; }
}

/// <summary>
/// The audit log of a data directory, <c>audit.jsonl</c>: a line of JSON for each action of an administrator before it begins, and one when a
/// service has answered it. Lines are only added, each durable before the action goes on, by verbs and a running service alike. Thread-safe.
/// </summary>
internal sealed class AuditLog(string directory, TimeProvider time)
{
    public const string FileName = "audit.jsonl";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Another process may hold the file for seconds, and a thread sleeps until then. Only one may: other requests need the others.
    private readonly SemaphoreSlim _turn = new(1);

    public string FilePath { get; } = Path.Combine(directory, FileName);

    /// <summary>Adds a line.</summary>
    /// <exception cref="AuditException">It cannot be written: then the action must not begin.</exception>
    public void Write(AuditLine line)
    {
        _turn.Wait();
        WriteInTurn(line);
    }

    /// <summary>Adds a line.</summary>
    /// <exception cref="AuditException">It cannot be written: then the action must not begin.</exception>
    public async Task WriteAsync(AuditLine line, CancellationToken cancellationToken)
    {
        if (!await _turn.WaitAsync(Patience, cancellationToken)) throw Unusable("lines before it take too long");
        WriteInTurn(line);
    }

    private void WriteInTurn(AuditLine line)
    {
        try
        {
            Append(Encoding.UTF8.GetBytes(AnswerJson.Line(new Written(KeyTime.Format(time.GetUtcNow()), line.Action, line.Target, line.Key, line.User, line.Address, line.Status)) + "\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(e.Message, e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Append(ReadOnlySpan<byte> line)
    {
        using FileStream file = Open();
        file.Position = Math.Max(0, file.Length - 1);
        // A crash may have torn the last line: the next one must not become part of it.
        if (file.Length > 0 && file.ReadByte() != '\n') file.WriteByte((byte)'\n');
        file.Write(line);
        file.Flush(flushToDisk: true);
    }

    private AuditException Unusable(string reason, Exception? inner = null) => new($"the audit log {FilePath} cannot be written, and nothing was done: {reason}", inner);

    private FileStream Open()
    {
        bool isNew = !File.Exists(FilePath);
        FileStream file = HeldFile.Open(FilePath);
        if (isNew) DirectorySync.Flush(directory);
        return file;
    }

    private sealed record Written(
        string Time, string Action, string Target,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Key,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? User,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Address,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Status);
}
