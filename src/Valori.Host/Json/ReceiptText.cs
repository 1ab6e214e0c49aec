using System.Text;
using System.Text.Json;

namespace Valori.Host.Json;

/// <summary>
/// A receipt as it was kept, passed to an option of the command line: JSON text, or the path of a file with it. Either the
/// receipt itself, or a whole answer with the field <c>receipt</c>; other fields are ignored.
/// </summary>
internal static class ReceiptText
{
    /// <summary>The place in the history that a receipt names.</summary>
    /// <exception cref="RequestException">Not a receipt; the message names the option.</exception>
    public static HistoryPlace ReadPlace(string option, string value) => Read(option, value, receipt => new HistoryPlace(
        receipt.Int64("sequence_nr"), receipt.TimeOfPlace("time"), receipt.Digest("state_hash"), receipt.Digest("chain"), receipt.Digest("history_root")));

    /// <summary>The state hash alone, which the receipt of a search has too.</summary>
    /// <exception cref="RequestException">Not a receipt; the message names the option.</exception>
    public static Digest ReadStateHash(string option, string value) => Read(option, value, receipt => receipt.Digest("state_hash"));

    private static T Read<T>(string option, string value, Func<JsonFields, T> read)
    {
        byte[] json = ToJson(option, value);
        try
        {
            using JsonDocument document = JsonFields.Parse(json);
            JsonFields answer = JsonFields.OfAny(document.RootElement);
            return read(answer.OptionalObject("receipt") ?? answer);
        }
        catch (RequestException e)
        {
            throw new RequestException($"{option} is not a receipt: {e.Message}");
        }
    }

    private static byte[] ToJson(string option, string value)
    {
        if (value.TrimStart().StartsWith('{')) return Encoding.UTF8.GetBytes(value);
        return File.Exists(value)
            ? File.ReadAllBytes(value)
            : throw new RequestException($"{option} is '{value}': neither a JSON object nor an existing file");
    }
}
