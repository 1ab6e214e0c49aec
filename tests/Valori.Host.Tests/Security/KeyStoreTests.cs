using System.Text;
using Valori.Host.Security;

namespace Valori.Host.Tests.Security;

/// <summary>The keys file holds what was added, is replaced whole, and is refused if a byte of it is another one.</summary>
public sealed class KeyStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly KeyStore _store;

    public KeyStoreTests() => _store = new KeyStore(_directory.Path, TimeProvider.System);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_is_added_is_read_again_and_the_secret_is_in_no_file()
    {
        Assert.Null(_store.Read());
        (ApiKey ada, string token) = _store.Add("ada", KeyRole.Write, ["notes", "books"], DateTimeOffset.UtcNow.AddDays(1));
        (ApiKey ops, _) = _store.Add("ops@example.org", KeyRole.Admin, null, null);
        Assert.Equal([Shown(ada), Shown(ops)], _store.Read()!.Select(Shown));
        Assert.Equal(["books", "notes"], ada.Collections);
        Assert.Null(ops.Collections);
        Assert.Matches("^valori_[0-9a-f]{16}_[0-9a-f]{64}$", token);
        string secret = token[^64..];
        Assert.All(Directory.GetFiles(_directory.Path), file => Assert.DoesNotContain(secret, File.ReadAllText(file)));
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(token)), ada.Hash.ToArray());
    }

    [Fact]
    public void Only_its_owner_may_read_the_file_or_hold_its_lock_whatever_was_there_before()
    {
        File.WriteAllText(_store.FilePath + ".tmp", "left by a crash");
        _store.Add("ada", KeyRole.Read, null, null);
        Assert.Equal([KeyStore.FileName, "keys.lock"], Directory.GetFiles(_directory.Path).Select(Path.GetFileName).Order());
        if (OperatingSystem.IsWindows()) return;
        foreach (string file in Directory.GetFiles(_directory.Path)) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        File.SetUnixFileMode(_store.FilePath, (UnixFileMode)0b110_000_010);
        Assert.Contains("chmod o-w", Refused());
    }

    [Fact]
    public void A_file_with_any_other_byte_or_without_its_end_is_refused()
    {
        _store.Add("ada", KeyRole.Read, ["notes"], null);
        byte[] whole = File.ReadAllBytes(_store.FilePath);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] other = [.. whole];
            other[i] ^= 1;
            File.WriteAllBytes(_store.FilePath, other);
            Refused();
            File.WriteAllBytes(_store.FilePath, whole[..i]);
            Refused();
        }
        File.WriteAllBytes(_store.FilePath, [.. whole, .. whole]);
        Refused();
        File.WriteAllBytes(_store.FilePath, whole);
        Assert.Single(_store.Read()!);
    }

    [Fact]
    public void The_example_of_the_formats_is_read()
    {
        string formats = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "formats.md"));
        string example = formats[formats.IndexOf("`keys.jsonl` has lines", StringComparison.Ordinal)..].Split("```\n")[1];
        File.WriteAllText(_store.FilePath, example);
        ApiKey key = Assert.Single(_store.Read()!);
        Assert.Equal(("ops", KeyRole.Admin, "c6ed3ddd77625c67"), (key.Name, key.Role, key.Id));
        Assert.Equal(example, Encoding.UTF8.GetString(KeyFileText.Write([key])));
    }

    [Theory]
    [InlineData("hello\n", "line 1: not a JSON object")]
    [InlineData("{\"format\":\"other\",\"version\":1,\"keys\":0}\n", "line 1: its format is 'other'")]
    [InlineData("{\"format\":\"valori-keys\",\"version\":2,\"keys\":0}\n", "line 1: it has the version 2; this release reads version 1")]
    [InlineData("{\"format\":\"valori-keys\",\"version\":1,\"keys\":0}\n", "line 1: unknown field 'format'")]
    [InlineData("{\"format\":\"valori-keys\",\"version\":1,\"keys\":1}\nID\n", "line 2: the id is not 16 hex digits")]
    [InlineData("{\"format\":\"valori-keys\",\"version\":1,\"keys\":1}\nROLE\n", "line 2: the role is 'Read'; it must be read, write or admin")]
    [InlineData("{\"format\":\"valori-keys\",\"version\":1,\"keys\":2}\nKEY\nKEY\n", "two of its keys have the same name or id")]
    [InlineData("{\"format\":\"valori-keys\",\"version\":1,\"keys\":2}\nKEY\n", "it has 1 keys, and its first line says 2")]
    public void A_file_of_another_program_or_release_is_refused_with_the_reason(string text, string reason)
    {
        string key = $"{{\"id\":\"{new string('a', 16)}\",\"name\":\"ada\",\"role\":\"read\",\"created_at\":\"2026-01-01\",\"hash\":\"{new string('0', 64)}\"}}";
        text = text.Replace("KEY", key, StringComparison.Ordinal)
            .Replace("ID", key.Replace(new string('a', 16), "../../etc/passwd", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("ROLE", key.Replace("read", "Read", StringComparison.Ordinal), StringComparison.Ordinal);
        byte[] body = Encoding.UTF8.GetBytes(text);
        string end = $"{{\"sha256\":\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body))}\"}}\n";
        // A file of one line has no end of its own.
        File.WriteAllText(_store.FilePath, reason.Contains("unknown field", StringComparison.Ordinal) || reason.Contains("not a JSON", StringComparison.Ordinal) ? text : text + end);
        Assert.Contains(reason, Refused());
        Assert.Throws<DataDirectoryException>(() => _store.Add("bob", KeyRole.Admin, null, null));
        Assert.StartsWith(text, File.ReadAllText(_store.FilePath));
    }

    [Theory]
    [InlineData("", "'' is not a valid name of a key")]
    [InlineData(" ada", "is not a valid name of a key")]
    [InlineData("ada\n", "is not a valid name of a key")]
    [InlineData("adä", "is not a valid name of a key")]
    [InlineData("../ada", "is not a valid name of a key")]
    [InlineData("-ada", "is not a valid name of a key")]
    public void A_name_that_could_be_taken_for_something_else_is_refused(string name, string reason) =>
        Assert.Contains(reason, Assert.Throws<RefusedException>(() => _store.Add(name, KeyRole.Read, null, null)).Message);

    [Fact]
    public void What_no_key_can_be_limited_to_is_refused_and_leaves_no_file()
    {
        foreach ((string[] collections, string reason) in new[]
        {
            ((string[])[], "1 to 1000 collections, not 0"), (["Notes"], "'Notes' is not a valid collection name"), (["notes", "notes"], "'notes' is there twice"), (["*"], "'*' is not a valid"),
        })
            Assert.Contains(reason, Assert.Throws<RefusedException>(() => _store.Add("ada", KeyRole.Read, collections, null)).Message);
        Assert.Contains("would have expired", Assert.Throws<RefusedException>(() => _store.Add("ada", KeyRole.Read, null, DateTimeOffset.UnixEpoch)).Message);
        Assert.Contains(new string('a', 64) + "... (65 characters)", Assert.Throws<RefusedException>(() => _store.Add(new string('a', 65), KeyRole.Read, null, null)).Message);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void Two_keys_never_have_one_name_and_a_revoked_one_leaves_it()
    {
        _store.Add("ada", KeyRole.Read, null, null);
        Assert.Contains("a key with the name 'ada' already", Assert.Throws<RefusedException>(() => _store.Add("ada", KeyRole.Read, null, null)).Message);
        _store.Add("Ada", KeyRole.Read, null, null);
        Assert.Equal("ada", _store.Revoke("ada").Name);
        Assert.Contains("no key with the name 'ada'", Assert.Throws<RefusedException>(() => _store.Revoke("ada")).Message);
        Assert.Equal(["Ada"], _store.Read()!.Select(key => key.Name));
        _store.Revoke("Ada");
        // Without a key nobody is let in; without a file everybody may be.
        Assert.Equal([], _store.Read()!);
    }

    [Fact]
    public async Task Changes_of_several_processes_are_all_kept()
    {
        const int writers = 4, each = 5;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(() =>
        {
            // What a process of its own has.
            KeyStore store = new(_directory.Path, TimeProvider.System);
            for (int i = 0; i < each; i++) store.Add($"key-{writer}-{i}", KeyRole.Read, null, null);
        })));
        Assert.Equal(writers * each, _store.Read()!.Count);
    }

    private string Refused()
    {
        string message = Assert.Throws<DataDirectoryException>(() => _store.Read()).Message;
        Assert.StartsWith($"the API keys in {_store.FilePath} cannot be used: ", message);
        return message;
    }

    private static string Shown(ApiKey key) => Encoding.UTF8.GetString(KeyFileText.Write([key]));
}
