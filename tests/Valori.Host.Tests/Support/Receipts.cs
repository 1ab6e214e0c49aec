using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Valori.Host.Tests.Support;

/// <summary>What an answer says of a place in the history: a receipt, a status, or the place beside a proof.</summary>
internal sealed record PlaceText(long SequenceNr, string Time, string StateHash, string Chain, string HistoryRoot)
{
    private static readonly Regex TimeForm = new(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"), DigestForm = new("^[0-9a-f]{64}$");

    /// <summary>Reads it strictly; other fields may stand beside.</summary>
    public static PlaceText Of(JsonElement json)
    {
        PlaceText place = new(
            json.GetProperty("sequence_nr").GetInt64(), json.GetProperty("time").GetString()!, json.GetProperty("state_hash").GetString()!,
            json.GetProperty("chain").GetString()!, json.GetProperty("history_root").GetString()!);
        Assert.True(place.SequenceNr >= 1, $"{json}: the sequence number");
        Assert.Matches(TimeForm, place.Time);
        foreach (string digest in new[] { place.StateHash, place.Chain, place.HistoryRoot }) Assert.Matches(DigestForm, digest);
        return place;
    }

    /// <summary>For the verifier.</summary>
    public HistoryPlace ToPlace() => new(
        SequenceNr,
        (DateTimeOffset.Parse(Time, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
        DigestOf(StateHash), DigestOf(Chain), DigestOf(HistoryRoot));

    public static Digest DigestOf(string hex) =>
        Digest.TryParse(hex, out Digest digest) ? digest : throw new ArgumentException($"'{hex}' is no digest", nameof(hex));
}

/// <summary>The receipt of a command.</summary>
internal sealed record ReceiptText(PlaceText Place, ulong FirstId, int Count);

/// <summary>
/// Every command's answer carries its receipt: sequence number, time and digests, which no test can know in advance. Here it
/// is read strictly, and taken away, so that the rest can be compared as a whole.
/// </summary>
internal static class Receipts
{
    /// <summary>The answer exactly as it is printed, but for its receipt, which has to be there and well-formed.</summary>
    public static string WithoutReceipt(string answer) => Split(answer).Answer;

    public static ReceiptText Of(string answer) => Split(answer).Receipt;

    public static (string Answer, ReceiptText Receipt) Split(string answer)
    {
        JsonProperty[] fields = [.. JsonSerializer.Deserialize<JsonElement>(answer).EnumerateObject()];
        Assert.True(fields is [.., { Name: "receipt" }], $"an answer with its receipt at the end, got {answer}");
        JsonElement json = fields[^1].Value;
        ReceiptText receipt = new(PlaceText.Of(json), json.GetProperty("first_id").GetUInt64(), json.GetProperty("count").GetInt32());

        string rest = string.Join(',', fields[..^1].Select(field => $"\"{field.Name}\":{field.Value.GetRawText()}"));
        Assert.Equal($"{{{rest}{(rest.Length > 0 ? "," : "")}\"receipt\":{Print(receipt)}}}", answer);
        return ($"{{{rest}}}", receipt);
    }

    /// <summary>Checks a proof that the history behind a restart extends the one of a receipt from before.</summary>
    /// <param name="status">Of the engine now.</param>
    /// <param name="proof">The answer that proves it from the receipt's sequence number to the status's.</param>
    public static void AssertExtends(ReceiptText acknowledged, JsonElement status, JsonElement proof, string place)
    {
        Refusal? refusal = ProofVerifier.VerifyHistory(
            JsonSerializer.SerializeToUtf8Bytes(proof.GetProperty("proof")), acknowledged.Place.ToPlace(), PlaceText.Of(status).ToPlace());
        Assert.True(refusal is null, $"{place}: the history has not the acknowledged {acknowledged}: {refusal?.Message}; {status}");
    }

    private static string Print(ReceiptText receipt)
    {
        (PlaceText place, ulong firstId, int count) = receipt;
        string digests = string.Join(',', Text("time", place.Time), Text("state_hash", place.StateHash), Text("chain", place.Chain), Text("history_root", place.HistoryRoot));
        return $$"""{"sequence_nr":{{place.SequenceNr}},{{digests}},"first_id":{{firstId}},"count":{{count}}}""";

        static string Text(string name, string value) => $"\"{name}\":\"{value}\"";
    }
}
