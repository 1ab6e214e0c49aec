using Microsoft.Extensions.Logging.Abstractions;
using Valori.Host.Security;

namespace Valori.Host.Tests.Security;

/// <summary>A running service sees what happens to its keys file, and nothing that happens to it opens a door.</summary>
public sealed class KeyRingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SetTime _time = new();
    private readonly KeyStore _store;

    public KeyRingTests() => _store = new KeyStore(_directory.Path, _time);

    public void Dispose() => _directory.Dispose();

    private KeyRing Start() => new(_store, _time, NullLogger<KeyRing>.Instance);

    [Fact]
    public void A_key_of_another_process_is_valid_after_the_next_look_and_a_revoked_one_is_not()
    {
        KeyRing ring = Start();
        Assert.False(ring.IsRequired);
        string token = _store.Add("ada", KeyRole.Read, null, null).Token;
        ring.Refresh();
        Assert.True(ring.IsRequired);
        KeyUse use = ring.Find(token, out _)!;
        Assert.Equal("ada", use.Caller.Name);
        _store.Add("bob", KeyRole.Read, null, null);
        ring.Refresh();
        // What is under way in the name of another key goes on.
        Assert.Same(use, ring.Find(token, out _));
        Assert.False(use.Ended.IsCancellationRequested);
        _store.Revoke("ada");
        ring.Refresh();
        Assert.True(use.Ended.IsCancellationRequested);
        Assert.Null(ring.Find(token, out string fault));
        Assert.Equal("the API key is not one of this service: it was mistyped or revoked", fault);
        _store.Revoke("bob");
        ring.Refresh();
        Assert.True(ring.IsRequired);
    }

    [Fact]
    public void A_key_ends_when_it_expires_and_what_is_under_way_in_its_name_too()
    {
        string token = _store.Add("ada", KeyRole.Read, null, _time.Now.AddSeconds(10)).Token;
        KeyRing ring = Start();
        KeyUse use = ring.Find(token, out _)!;
        _time.Now = _time.Now.AddSeconds(10);
        ring.Refresh();
        Assert.True(use.Ended.IsCancellationRequested);
        Assert.Null(ring.Find(token, out string fault));
        Assert.Equal("the API key 'ada' expired at 2026-01-01T00:00:10.000000Z", fault);
        _time.Now = _time.Now.AddSeconds(-5);
        ring.Refresh();
        Assert.Null(ring.Find(token, out string again));
        Assert.Equal(fault, again);
    }

    [Fact]
    public void A_file_that_is_damaged_or_gone_leaves_the_keys_of_before_and_says_why()
    {
        string token = _store.Add("ada", KeyRole.Read, null, null).Token;
        byte[] whole = File.ReadAllBytes(_store.FilePath);
        KeyRing ring = Start();
        File.WriteAllBytes(_store.FilePath, whole[..10]);
        ring.Refresh();
        Assert.StartsWith("the API keys in keys.jsonl cannot be used: ", ring.Fault);
        Assert.Contains("does not end with a newline", ring.Fault);
        Assert.NotNull(ring.Find(token, out _));
        File.Delete(_store.FilePath);
        ring.Refresh();
        Assert.Contains("the file is gone", ring.Fault);
        Assert.True(ring.IsRequired);
        Assert.NotNull(ring.Find(token, out _));
        File.WriteAllBytes(_store.FilePath, whole);
        ring.Refresh();
        Assert.Null(ring.Fault);
    }

    [Fact]
    public void A_repair_that_changes_neither_time_nor_length_is_seen()
    {
        if (OperatingSystem.IsWindows()) return;
        _store.Add("ada", KeyRole.Read, null, null);
        KeyRing ring = Start();
        File.SetUnixFileMode(_store.FilePath, (UnixFileMode)0b110_000_010);
        File.SetLastWriteTimeUtc(_store.FilePath, new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        ring.Refresh();
        Assert.Contains("chmod o-w", ring.Fault);
        File.SetUnixFileMode(_store.FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        ring.Refresh();
        Assert.Null(ring.Fault);
    }

    [Fact]
    public void A_change_behind_a_link_is_seen()
    {
        if (OperatingSystem.IsWindows()) return;
        // As Kubernetes mounts secrets: the file is a link through a directory that is a link, which is replaced.
        string token = _store.Add("ada", KeyRole.Read, null, null).Token;
        string before = _directory.File("before"), after = _directory.File("after"), current = _directory.File("current");
        Directory.CreateDirectory(before);
        File.Move(_store.FilePath, Path.Combine(before, KeyStore.FileName));
        KeyStore changed = new(after, _time);
        changed.Add("bob", KeyRole.Read, null, null);
        File.SetLastWriteTimeUtc(changed.FilePath, new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        Directory.CreateSymbolicLink(current, before);
        File.CreateSymbolicLink(_store.FilePath, Path.Combine(current, KeyStore.FileName));
        KeyRing ring = Start();
        Assert.NotNull(ring.Find(token, out _));
        Directory.Delete(current);
        Directory.CreateSymbolicLink(current, after);
        ring.Refresh();
        Assert.Null(ring.Find(token, out _));
        Assert.Equal("bob", Assert.Single(ring.Keys).Name);
    }

    [Fact]
    public async Task A_key_that_was_revoked_or_has_expired_changes_no_keys_even_if_the_ring_has_not_seen_it()
    {
        string ada = _store.Add("ada", KeyRole.Admin, null, null).Token, bob = _store.Add("bob", KeyRole.Admin, null, _time.Now.AddSeconds(10)).Token;
        KeyRing ring = Start();
        Caller byAda = ring.Find(ada, out _)!.Caller, byBob = ring.Find(bob, out _)!.Caller;
        _store.Revoke("ada");
        // Another key with the name is another key.
        _store.Add("ada", KeyRole.Admin, null, null);
        _time.Now = _time.Now.AddSeconds(10);
        byte[] file = File.ReadAllBytes(_store.FilePath);
        foreach (Caller by in new[] { byAda, byBob, Caller.Anyone })
        {
            // Nor does it learn which keys there are.
            foreach (string name in new[] { "new", "bob" })
            {
                await Assert.ThrowsAsync<KeyEndedException>(() => ring.AddAsync(by, name, KeyRole.Admin, null, null, CancellationToken.None));
                await Assert.ThrowsAsync<KeyEndedException>(() => ring.RevokeAsync(by, name, CancellationToken.None));
            }
        }
        Assert.Equal(file, File.ReadAllBytes(_store.FilePath));
    }

    [Fact]
    public async Task While_one_change_takes_long_others_wait_and_take_no_thread()
    {
        using SlowTime slow = new();
        KeyStore store = new(_directory.Path, slow);
        string token = _store.Add("ada", KeyRole.Admin, null, null).Token;
        KeyRing ring = new(store, _time, NullLogger<KeyRing>.Instance);
        Caller by = ring.Find(token, out _)!.Caller;
        Task first = Task.Run(() => ring.AddAsync(by, "bob", KeyRole.Read, null, null, CancellationToken.None));
        await slow.Begun.Task;
        // They return here, where a change that is carried out would return only when it is done.
        using CancellationTokenSource gone = new();
        Task second = ring.RevokeAsync(by, "bob", CancellationToken.None), third = ring.AddAsync(by, "eve", KeyRole.Read, null, null, gone.Token);
        Assert.Equal((false, false), (second.IsCompleted, third.IsCompleted));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        slow.Go.Set();
        await first;
        await second;
        Assert.Equal(["ada"], ring.Keys.Select(key => key.Name));
    }

    [Fact]
    public async Task Keys_are_not_made_anew_by_a_service_whose_file_is_gone()
    {
        string token = _store.Add("ada", KeyRole.Admin, null, null).Token;
        KeyRing ring = Start();
        Caller by = ring.Find(token, out _)!.Caller;
        File.Delete(_store.FilePath);
        Assert.Contains("the file is gone", (await Assert.ThrowsAsync<DataDirectoryException>(() => ring.AddAsync(by, "new", KeyRole.Read, null, null, CancellationToken.None))).Message);
        Assert.False(File.Exists(_store.FilePath));
    }

    [Fact]
    public void A_file_that_cannot_be_read_closes_a_service_that_had_no_keys()
    {
        KeyRing ring = Start();
        File.WriteAllText(_store.FilePath, "not keys");
        ring.Refresh();
        Assert.True(ring.IsRequired);
        Assert.NotNull(ring.Fault);
        Assert.Empty(ring.Keys);
    }

    [Theory]
    [InlineData("")]
    [InlineData("valori_")]
    [InlineData("UPPER")]
    [InlineData("CUT")]
    [InlineData("LONGER")]
    [InlineData("SPACE")]
    [InlineData("OTHERSECRET")]
    [InlineData("OTHERID")]
    [InlineData("FULLWIDTH")]
    [InlineData("NUL")]
    public void What_is_nearly_a_key_is_not_one(string kind)
    {
        string token = _store.Add("ada", KeyRole.Read, null, null).Token, other = _store.Add("bob", KeyRole.Read, null, null).Token;
        string near = kind switch
        {
            "UPPER" => token.ToUpperInvariant(),
            "CUT" => token[..^1],
            "LONGER" => token + "0",
            "SPACE" => " " + token,
            "OTHERSECRET" => token[..^64] + other[^64..],
            "OTHERID" => other[..^64] + token[^64..],
            "FULLWIDTH" => token[..^1] + (char)(token[^1] + 0xFEE0),
            "NUL" => token + "\0",
            _ => kind,
        };
        KeyRing ring = Start();
        Assert.Null(ring.Find(near, out string fault));
        Assert.NotNull(ring.Find(token, out _));
        if (near.Length > 0) Assert.DoesNotContain(near, fault);
    }

    [Fact]
    public void Every_change_of_one_character_of_a_key_is_refused()
    {
        string token = _store.Add("ada", KeyRole.Read, null, null).Token;
        KeyRing ring = Start();
        for (int i = 0; i < token.Length; i++)
            Assert.Null(ring.Find(token[..i] + (token[i] == '0' ? '1' : '0') + token[(i + 1)..], out _));
    }

    /// <summary>Holds up whoever asks first.</summary>
    private sealed class SlowTime : TimeProvider, IDisposable
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Go { get; } = new();

        public override DateTimeOffset GetUtcNow()
        {
            if (Begun.TrySetResult()) Assert.True(Go.Wait(TimeSpan.FromSeconds(60)));
            return new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        }

        public void Dispose() => Go.Dispose();
    }

    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
