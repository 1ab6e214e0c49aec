using Valori.Actors.Entries;
using Valori.Protocol;

namespace Valori.Actors.Tests.Journal;

/// <summary>Who asked for a command is beside its event, is told, and changes nothing else.</summary>
public sealed class AuthorTests : IDisposable
{
    private static readonly Digest Hash = Digest.Of("a hash"u8);
    private static readonly Change Anonymous = new(new RecordDeleted(new RecordId(0))), OfAda = Anonymous with { Author = Author.Parse("ada") };
    private static readonly Change Named = new(new RecordDeleted(new RecordId(1)), RequestId.Parse("a-1"), Author.Parse("bob"));

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>Frozen: if this changes, journals with authors are refused.</summary>
    [Fact]
    public void The_bytes_of_an_entry_with_an_author_never_change()
    {
        byte[] alone = Encode(OfAda), together = Encode(Anonymous, OfAda, Named);
        // After time, hash and chain: the check, field 6 with the author, and the event.
        Assert.Equal([0x29, .. Digest.Of([0, 3, .. "ada"u8]).ToArray()[..8], 0x32, 3, .. "ada"u8, 0x62, 0], alone[77..]);
        Assert.Equal([0x29, .. Digest.Of([0, 0, 3, .. "a-1"u8, 0, 3, .. "ada"u8, 3, .. "bob"u8]).ToArray()[..8]], together[77..86]);
        Assert.True(together.AsSpan().IndexOf((byte[])[0x22, 3, .. "a-1"u8, 0x32, 3, .. "bob"u8, 0x62]) > 86);
        Assert.Equal([0x62, 0], Encode(Anonymous)[77..]);
    }

    [Fact]
    public void A_flipped_bit_in_an_author_is_a_format_error()
    {
        foreach (Change[] changes in new Change[][] { [OfAda], [Named with { Author = OfAda.Author }], [Anonymous, OfAda], [OfAda, Named] })
        {
            byte[] payload = Encode(changes);
            Assert.Equal(changes, ((KernelChanged)Decode(payload).Event).Changes);
            int start = payload.AsSpan().IndexOf("ada"u8) - 2;
            for (int bit = start * 8; bit < (start + 5) * 8; bit++)
            {
                payload[bit / 8] ^= (byte)(1 << bit % 8);
                Assert.Throws<FormatException>(() => Decode(payload));
                payload[bit / 8] ^= (byte)(1 << bit % 8);
            }
        }
    }

    [Fact]
    public void An_entry_whose_author_has_no_check_or_another_one_is_refused()
    {
        byte[] payload = Encode(OfAda);
        Assert.Throws<FormatException>(() => Decode([.. payload[..77], .. payload[86..]]));
        Assert.Throws<FormatException>(() => Decode([.. Encode(Named with { Author = null })[..91], .. payload[86..]]));
        // Only what a client asked for has an author.
        byte[] expired = Encode(new Change(new RecordsExpired(0, new ulong[] { 1 }), Author: OfAda.Author));
        Assert.Contains("only the engine itself decides it", Assert.Throws<FormatException>(() => Decode(expired)).Message);
    }

    [Fact]
    public async Task Authors_are_told_and_leave_hashes_as_they_are_also_after_a_restart()
    {
        string[] expected = ["EngineCreated ", "RecordsInserted ada", "RecordsInserted ", "RecordDeleted bob", "Transacted ada", "RecordsInserted ada", "NodeCreated ada"];
        Digest hash;
        await using (ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 1 }))
        {
            await engine.WithAuthor("ada").InsertAsync(new float[] { 1 });
            await engine.InsertAsync(new float[] { 2 });
            ValoriEngine bob = engine.WithAuthor("bob").WithRequestId("once");
            await bob.SoftDeleteAsync(new RecordId(0));
            // Sent again by somebody else, it is what it was.
            await engine.WithRequestId("once").WithAuthor("eve").SoftDeleteAsync(new RecordId(0));
            Transaction transaction = engine.NewTransaction();
            transaction.Insert(new float[] { 3 });
            transaction.CreateNode(NodeKind.Document);
            await engine.WithAuthor("ada").TransactAsync(transaction);
            Assert.Equal(expected, await ToldAsync(engine));
            hash = await engine.GetStateHashAsync();
        }
        await using ValoriEngine again = await ValoriEngine.OpenAsync(_directory.Path);
        Assert.Equal(expected, await ToldAsync(again));
        Assert.Equal(hash, await again.GetStateHashAsync());
        using TemporaryDirectory other = new();
        await using ValoriEngine anonymous = await ValoriEngine.OpenAsync(other.Path, new ValoriOptions { Dimension = 1 });
        await anonymous.InsertAsync(new float[] { 1 });
        await anonymous.InsertAsync(new float[] { 2 });
        await anonymous.SoftDeleteAsync(new RecordId(0));
        await anonymous.InsertAsync(new float[] { 3 });
        await anonymous.CreateNodeAsync(NodeKind.Document);
        Assert.Equal(hash, await anonymous.GetStateHashAsync());
    }

    [Theory]
    [InlineData("", "the author is empty; it must have 1 to 64 visible ASCII characters")]
    [InlineData("a b", "the author 'a b' has a space (U+0020) as character 2")]
    [InlineData("ä", "the author 'ä' has 'ä' (U+00E4) as character 1")]
    [InlineData("a\n", "the author 'a\\u000A' has U+000A as character 2")]
    public async Task What_could_be_taken_for_something_else_is_not_an_author(string author, string reason)
    {
        await using ValoriEngine engine = await ValoriEngine.OpenAsync(_directory.Path, new ValoriOptions { Dimension = 1 });
        Assert.StartsWith(reason, Assert.Throws<RefusedException>(() => engine.WithAuthor(author)).Message);
        Assert.Contains("has 65 characters", Assert.Throws<RefusedException>(() => engine.WithAuthor(new string('a', 65))).Message);
    }

    private static async Task<IEnumerable<string>> ToldAsync(ValoriEngine engine) =>
        (await engine.TimelineAsync(1, 100)).Entries.SelectMany(entry => entry.Changes).Select(change => $"{change.Kind} {change.Author}");

    private static byte[] Encode(params Change[] changes) => JournalCodec.Encode(new JournalEntry(new KernelChanged(changes), 1_700_000_000_000_000, Hash, Hash)).Payload;

    private static JournalEntry Decode(byte[] payload) => JournalCodec.Decode(new JournalRecord(payload));
}
