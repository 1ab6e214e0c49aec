using Valori.Actors.Rows;
using Valori.Actors.Serialization;

namespace Valori.Actors.Tests.Drop;

/// <summary>The row that says that a collection is being dropped (docs/formats.md, section 11).</summary>
public sealed class DropIntentTests
{
    [Fact]
    public void The_row_of_an_intent_never_changes()
    {
        Assert.Equal(("valori.drops", "D", 86825), (DropIntent.PersistenceId, DropIntent.Manifest, ValoriSerializer.Number));
        Assert.Equal("valori-notes"u8.ToArray(), DropIntent.MessageOf("valori-notes"));
        Assert.Equal(Example, DropIntent.SequenceNrOf("valori-notes"));
    }

    [Fact]
    public void One_flipped_bit_anywhere_makes_it_an_intent_to_drop_nothing()
    {
        byte[] message = DropIntent.MessageOf("valori-notes");
        JournalRow row = new(Example, message, IsDeleted: false, "D", 86825);
        Assert.True(DropIntent.TryRead(row, out string? dropped));
        Assert.Equal("valori-notes", dropped);
        for (int bit = 0; bit < 8 * message.Length; bit++)
        {
            byte[] flipped = [.. message];
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(DropIntent.TryRead(row with { Payload = flipped }, out _));
        }
        for (int bit = 0; bit < 64; bit++) Assert.False(DropIntent.TryRead(row with { SequenceNr = Example ^ 1L << bit }, out _));
        Assert.False(DropIntent.TryRead(row with { Manifest = "J" }, out _));
        Assert.False(DropIntent.TryRead(row with { Identifier = 86824 }, out _));
        Assert.False(DropIntent.TryRead(row with { IsDeleted = true }, out _));
        Assert.False(DropIntent.TryRead(Of("notes"), out _));
        Assert.False(DropIntent.TryRead(Of("valori-Notes"), out _));
        Assert.False(DropIntent.TryRead(Of(""), out _));
    }

    // Computed with another implementation of BLAKE3: the first eight bytes of what b3sum prints for "valori-notes", little-endian, without the highest bit.
    private const long Example = 7369657086249209384;

    private static JournalRow Of(string persistenceId) => new(DropIntent.SequenceNrOf(persistenceId), DropIntent.MessageOf(persistenceId), IsDeleted: false, "D", 86825);
}
