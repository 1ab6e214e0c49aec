using System.Text;

namespace Valori.Kernel.Tests.Attributes;

public sealed class RecordKeyTests
{
    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("\0")]
    [InlineData("ключ-Ω-\U0001F511")]
    public void A_key_is_its_text_and_its_bytes(string text)
    {
        RecordKey key = text;
        Assert.Equal(text, key.ToString());
        Assert.Equal(Encoding.UTF8.GetBytes(text), key.Utf8.ToArray());
        RecordKey same = RecordKey.OfUtf8(Encoding.UTF8.GetBytes(text)).Value!;
        Assert.Equal(key, same);
        Assert.Equal(key.GetHashCode(), same.GetHashCode());
    }

    [Fact]
    public void Keys_have_1_to_256_bytes_and_not_as_many_characters()
    {
        Assert.Equal(256, RecordKey.Of(new string('ä', 128)).Value!.Utf8.Length);
        Assert.Equal("the key is 258 bytes; the limit is 256", RecordKey.Of(new string('ä', 129)).Refusal!.Message);
        Assert.Equal("the key is 257 bytes; the limit is 256", RecordKey.OfUtf8(new byte[257]).Refusal!.Message);
        Assert.StartsWith("the key is empty; a key has 1 to 256 bytes.", RecordKey.Of("").Refusal!.Message, StringComparison.Ordinal);
        Assert.StartsWith("the key is empty", Assert.Throws<ArgumentException>(() => (RecordKey?)"").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_and_bytes_that_are_not_UTF_8_are_refused()
    {
        Assert.StartsWith("the key has half of a surrogate pair (U+D800) as character 2;", RecordKey.Of("a\uD800").Refusal!.Message, StringComparison.Ordinal);
        Assert.StartsWith("the key has half of a surrogate pair (U+DC00) as character 1;", RecordKey.Of("\uDC00\uD800").Refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(RefusalKind.InvalidArgument, RecordKey.OfUtf8(new byte[] { 0x61, 0xC0, 0x80 }).Refusal!.Kind);
        Assert.Equal("the key 'a\uFFFD\uFFFD' is not UTF-8", RecordKey.OfUtf8(new byte[] { 0x61, 0xC0, 0x80 }).Refusal!.Message);
    }

    [Fact]
    public void Keys_are_compared_by_bytes_and_nothing_is_normalised()
    {
        // The same letter: composed, and of two characters.
        Assert.NotEqual((RecordKey)"\u00E9", (RecordKey)"e\u0301");
        Assert.NotEqual((RecordKey)"Key", (RecordKey)"key");
        // By UTF-16 units the order of these two is the other one.
        Assert.True(((RecordKey)"\uFF5E").CompareTo((RecordKey)"\U0001F511") < 0);
        Assert.True(((RecordKey)"a").CompareTo((RecordKey)"aa") < 0);
        Assert.Equal(0, ((RecordKey)"a").CompareTo((RecordKey)"a"));
    }

    [Fact]
    public void An_error_shows_a_key_in_one_short_line()
    {
        Assert.Equal("'a\\u000Ab'", RecordKey.Show("a\nb"u8));
        string shown = RecordKey.Show(new byte[256]);
        Assert.EndsWith("...' (256 bytes)", shown, StringComparison.Ordinal);
        Assert.True(shown.Length < 100, shown);
    }
}
