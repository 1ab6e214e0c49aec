using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Valori.Kernel.Tests.Proofs;

public sealed class ProofMutationTests
{
    [Fact]
    public void A_flipped_bit_anywhere_in_the_binary_form_is_noticed()
    {
        foreach (ProofSample sample in ProofSamples.All)
        {
            Assert.Null(sample.Verify(sample.Bytes));
            byte[] bytes = [.. sample.Bytes];
            for (int bit = 0; bit < 8 * bytes.Length; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << bit % 8);
                Assert.True(IsRefused(sample, bytes), $"{sample}: bit {bit}");
                bytes[bit / 8] ^= (byte)(1 << bit % 8);
            }
        }
    }

    [Fact]
    public void A_missing_or_additional_byte_is_noticed()
    {
        foreach (ProofSample sample in ProofSamples.All)
        {
            for (int at = 0; at <= sample.Bytes.Length; at++)
            {
                Assert.True(at == sample.Bytes.Length || IsRefused(sample, sample.Bytes[..at]), $"{sample}: the first {at} bytes");
                byte[] longer = [.. sample.Bytes[..at], 0, .. sample.Bytes[at..]];
                Assert.True(IsRefused(sample, longer), $"{sample}: a byte more at {at}");
            }
        }
    }

    [Fact]
    public void Every_beginning_of_the_JSON_form_is_refused()
    {
        foreach (ProofSample sample in ProofSamples.All)
        {
            byte[] json = Encoding.UTF8.GetBytes(sample.Json.ToJsonString());
            for (int length = 0; length < json.Length; length++)
                Assert.True(IsRefused(sample, json[..length]), $"{sample}: the first {length} bytes");
        }
    }

    [Fact]
    public void Dropped_duplicated_and_swapped_path_digests_are_noticed()
    {
        foreach (ProofSample sample in ProofSamples.Inclusions)
        {
            NaiveInclusion proof = ProofSamples.Naive(sample);
            foreach (List<Digest> path in OtherPaths(proof.Path))
                Assert.True(IsRefused(sample, (proof with { Path = path }).ToBytes()), sample.Name);
        }
        foreach (ProofSample sample in ProofSamples.Histories)
        {
            NaiveHistoryProof proof = ProofSamples.NaiveHistoryOf(sample);
            IEnumerable<NaiveHistoryProof> others =
            [
                .. OtherPaths(proof.InclusionFrom).Select(path => proof with { InclusionFrom = path }),
                .. OtherPaths(proof.InclusionTo).Select(path => proof with { InclusionTo = path }),
                .. OtherPaths(proof.Consistency).Select(path => proof with { Consistency = path }),
            ];
            foreach (NaiveHistoryProof other in others) Assert.True(IsRefused(sample, other.ToBytes()), sample.Name);
        }
    }

    [Fact]
    public void A_change_of_any_field_of_a_place_is_noticed()
    {
        foreach (ProofSample sample in ProofSamples.Histories)
        {
            (HistoryPlace earlier, HistoryPlace later) = ProofSamples.PlacesOf(sample);
            Assert.Null(ProofVerifier.VerifyHistory(sample.Bytes, earlier, later));
            foreach (HistoryPlace other in OtherPlaces(earlier)) Assert.NotNull(ProofVerifier.VerifyHistory(sample.Bytes, other, later));
            foreach (HistoryPlace other in OtherPlaces(later)) Assert.NotNull(ProofVerifier.VerifyHistory(sample.Bytes, earlier, other));
            if (earlier != later) Assert.NotNull(ProofVerifier.VerifyHistory(sample.Bytes, later, earlier));
        }
    }

    [Fact]
    public void A_bit_of_a_state_hash_is_noticed()
    {
        foreach (ProofSample sample in ProofSamples.Inclusions)
        {
            Digest stateHash = ProofSamples.Naive(sample).StateHash();
            for (int bit = 0; bit < 256; bit++)
            {
                Digest other = Flip(stateHash, bit);
                Assert.Equal(
                    $"expected a proof for the state hash {other}, found one for {stateHash}",
                    ProofVerifier.VerifyInclusion(sample.Bytes, other).Refusal?.Message);
            }
        }
    }

    [Fact]
    public void Every_field_of_the_JSON_form_is_there_once_with_its_value_and_no_other_is()
    {
        int cases = 0;
        foreach (ProofSample sample in ProofSamples.All)
        {
            Assert.Null(sample.Verify(Encoding.UTF8.GetBytes(sample.Json.ToJsonString())));
            foreach (string json in Mutations(sample.Json))
            {
                Assert.True(IsRefused(sample, Encoding.UTF8.GetBytes(json)), $"{sample}: {json}");
                cases++;
            }
        }
        Assert.True(cases > 5_000, $"only {cases} cases");
    }

    [Fact]
    public void The_JSON_form_may_be_in_any_order_with_white_space_and_escapes()
    {
        foreach (ProofSample sample in ProofSamples.All)
        {
            JsonObject reversed = new(sample.Json.Reverse().Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));
            Assert.Null(sample.Verify(Encoding.UTF8.GetBytes(reversed.ToJsonString())));
            string indented = sample.Json.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
            Assert.Null(sample.Verify(Encoding.UTF8.GetBytes($" \r\n\t{indented}\r\n\t ")));
            string plain = sample.Json.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            Assert.Null(sample.Verify(Encoding.UTF8.GetBytes(plain)));
            Assert.Null(sample.Verify(Encoding.UTF8.GetBytes(Escaped(plain))));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\uFEFF{}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"format\":\"\\ud800\"}")]
    [InlineData("{\"kind\":\"\\udfff\\ud800\"}")]
    [InlineData("{\"leaf\":\"\\ud800\"}")]
    [InlineData("{\"path\":[\"\\ud800\"]}")]
    [InlineData("{\"version\":1e999999999}")]
    [InlineData("{\"version\":-0}")]
    [InlineData("{\"version\":1}{\"version\":1}")]
    [InlineData("{\"version\":1/**/}")]
    [InlineData("{\"version\":1,}")]
    public void Bytes_that_are_no_proof_are_refused(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        foreach (ProofSample sample in ProofSamples.All) Assert.True(IsRefused(sample, bytes), sample.Name);
    }

    [Fact]
    public void Deep_and_long_JSON_is_refused_without_building_it()
    {
        string[] texts =
        [
            "{\"path\":" + new string('[', 3_000_000),
            string.Concat(Enumerable.Repeat("{\"records\":", 300_000)),
            "{\"" + new string('a', 3_000_000) + "\":1}",
            "{\"leaf\":\"" + new string('A', 4_000_000) + "\"}",
            "{\"version\":" + new string('9', 3_000_000) + "}",
            "{\"path\":[" + string.Join(',', Enumerable.Repeat($"\"{Digest.Zero}\"", 50_000)) + "]}",
        ];
        foreach (string text in texts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            foreach (ProofSample sample in ProofSamples.All)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Refusal? refusal = sample.Verify(bytes);
                long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.NotNull(refusal);
                Assert.True(refusal.Message.Length < 500, refusal.Message);
                Assert.True(allocated < 100_000, $"{allocated} bytes allocated for {text[..20]}");
            }
        }
    }

    private static IEnumerable<List<Digest>> OtherPaths(IReadOnlyList<Digest> path)
    {
        for (int i = 0; i < path.Count; i++)
        {
            yield return [.. path.Take(i), .. path.Skip(i + 1)];
            yield return [.. path.Take(i), path[i], .. path.Skip(i)];
            for (int j = i + 1; j < path.Count; j++)
            {
                List<Digest> swapped = [.. path];
                (swapped[i], swapped[j]) = (swapped[j], swapped[i]);
                if (path[i] != path[j]) yield return swapped;
            }
        }
        yield return [.. path, Digest.Zero];
        yield return [.. Enumerable.Repeat(Digest.Zero, 255)];
    }

    private static IEnumerable<HistoryPlace> OtherPlaces(HistoryPlace place)
    {
        foreach (long change in new[] { -1, 1, long.MinValue, 1L << 32 })
        {
            yield return place with { SequenceNr = place.SequenceNr + change };
            yield return place with { UnixMicroseconds = place.UnixMicroseconds + change };
        }
        for (int bit = 0; bit < 256; bit += 5)
        {
            yield return place with { StateHash = Flip(place.StateHash, bit) };
            yield return place with { Chain = Flip(place.Chain, bit) };
            yield return place with { HistoryRoot = Flip(place.HistoryRoot, bit) };
        }
    }

    private static Digest Flip(Digest digest, int bit)
    {
        byte[] bytes = digest.ToArray();
        bytes[bit / 8] ^= (byte)(1 << bit % 8);
        return Digest.Read(bytes);
    }

    /// <summary>JSON texts that differ from the node's in one place.</summary>
    private static IEnumerable<string> Mutations(JsonNode node)
    {
        foreach (string other in new[] { "null", "true", "{}", "[]", "[[]]", "{\"count\":0}", "7.5", "-1", "\"\"", "\"\\ud800\"" })
        {
            if (node.ToJsonString() != other) yield return other;
        }
        IEnumerable<string> own = node switch
        {
            JsonObject fields => Mutations(fields),
            JsonArray elements => Mutations(elements),
            _ => node.GetValueKind() == JsonValueKind.String ? Mutations((string)node!) : Mutations(Int128.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture)),
        };
        foreach (string mutation in own) yield return mutation;
    }

    private static IEnumerable<string> Mutations(JsonObject fields)
    {
        string[] texts = [.. fields.Select(field => $"\"{field.Key}\":{field.Value!.ToJsonString()}")];
        for (int i = 0; i < texts.Length; i++)
        {
            string[] before = texts[..i], after = texts[(i + 1)..];
            string name = fields.ElementAt(i).Key;
            string value = fields.ElementAt(i).Value!.ToJsonString();
            string Object(params string[] own) => $"{{{string.Join(',', [.. before, .. own, .. after])}}}";

            yield return Object();
            yield return Object(texts[i], texts[i]);
            yield return Object(texts[i], $"\"\\u{(int)name[0]:x4}{name[1..]}\":{value}");
            yield return Object(texts[i], $"\"{name}\":0");
            yield return Object(texts[i], $"\"{name}2\":{value}");
            yield return Object(texts[i], "\"root\":\"00\"");
            yield return Object(texts[i], $"\"\\ud800\":{value}");
            yield return Object($"\"{name.ToUpperInvariant()}\":{value}");
            yield return Object($"\"{name} \":{value}");
            foreach (string mutation in Mutations(fields.ElementAt(i).Value!)) yield return Object($"\"{name}\":{mutation}");
        }
        // The root of the leaf's own tree is not a field, whatever it is.
        if (!fields.ContainsKey("root")) yield return $"{{{string.Join(',', texts)},\"root\":\"{Digest.Zero}\"}}";
        yield return $"{{{string.Join(',', texts)},}}";
    }

    private static IEnumerable<string> Mutations(JsonArray elements)
    {
        string[] texts = [.. elements.Select(element => element!.ToJsonString())];
        for (int i = 0; i < texts.Length; i++)
        {
            string[] before = texts[..i], after = texts[(i + 1)..];
            string Array(params string[] own) => $"[{string.Join(',', [.. before, .. own, .. after])}]";

            yield return Array();
            yield return Array(texts[i], texts[i]);
            foreach (string mutation in Mutations(elements[i]!)) yield return Array(mutation);
        }
        if (texts.Length > 1) yield return $"[{string.Join(',', texts.Reverse())}]";
        yield return $"[{string.Join(',', texts.Append($"\"{Digest.Zero}\""))}]";
    }

    private static IEnumerable<string> Mutations(string text)
    {
        string first = text.Length == 0 ? "" : text[0] == 'f' ? "e" : "f";
        yield return $"\"{first}{text[Math.Min(1, text.Length)..]}\"";
        if (text.Length > 0)
        {
            yield return $"\"{text[..^1]}{(text[^1] == '=' ? 'A' : text[^1] == '0' ? '1' : '0')}\"";
            yield return $"\"{text[..^1]}\"";
            yield return $"\"{text[..^1]}\\ud800\"";
            yield return $"\"{text[..^1]}\\n{text[^1]}\"";
            yield return $"\"{text[..^1]} \"";
        }
        yield return $"\"{text} \"";
        yield return $"\" {text}\"";
        yield return $"\"{text}=\"";
        yield return $"\"{text}0\"";
        yield return $"\"{text}\u00e9\"";
        yield return $"[\"{text}\"]";
        if (text.ToUpperInvariant() != text) yield return $"\"{text.ToUpperInvariant()}\"";
    }

    private static IEnumerable<string> Mutations(Int128 number)
    {
        yield return $"{number + 1}";
        if (number != 0) yield return $"{number - 1}";
        yield return $"{number}.0";
        yield return $"{number}e0";
        yield return $"{number}E+0";
        yield return $"-{number}";
        yield return $"0{number}";
        yield return $"+{number}";
        yield return $"\"{number}\"";
        yield return $"{number + (1UL << 32)}";
        yield return $"{number + ulong.MaxValue + 1}";
        yield return $"{number}{new string('0', 400)}1";
    }

    /// <summary>The same JSON, which has no escapes, with every character of a string as one.</summary>
    private static string Escaped(string json)
    {
        StringBuilder escaped = new();
        bool isInString = false;
        foreach (char character in json)
        {
            if (character == '"') isInString = !isInString;
            escaped.Append(isInString && character != '"' ? $"\\u{(int)character:X4}" : character);
        }
        return escaped.ToString();
    }

    private static bool IsRefused(ProofSample sample, byte[] bytes) =>
        sample.Verify(bytes) is { Kind: RefusalKind.InvalidProof, Message.Length: > 0 };
}
