namespace Valori.Kernel.Tests.Hashing;

public sealed class DigestTests
{
    private const string Text = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";

    [Fact]
    public void Text_and_bytes_go_round()
    {
        Assert.True(Digest.TryParse(Text, out Digest digest));
        Assert.Equal(Text, digest.ToString());
        Assert.Equal(digest, Digest.Read(digest.ToArray()));
        Assert.Equal(Digest.Of([]), digest);
        Assert.True(Digest.TryParse(Text.ToUpperInvariant(), out Digest upper) && upper == digest);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("af13")]
    [InlineData("zf1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")]
    [InlineData("af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f32620")]
    public void What_is_no_digest_is_not_parsed(string? text) => Assert.False(Digest.TryParse(text, out _));

    [Fact]
    public void Bytes_of_another_length_are_refused() => Assert.Throws<ArgumentException>(() => Digest.Read(new byte[33]));
}
