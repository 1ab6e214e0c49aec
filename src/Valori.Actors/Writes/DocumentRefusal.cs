using System.Globalization;
using System.Text.RegularExpressions;

namespace Valori.Actors.Writes;

/// <summary>
/// Refusals of a document as its caller wrote it: of <c>chunks[1]</c>, <c>record</c> or <c>document</c>. The engine names the command of a
/// transaction and the record of a batch, which the caller has never seen. The places are read from the engine's messages: TransactionEndpointTests has
/// a case for each form, and fails if one is worded otherwise.
/// </summary>
/// <param name="hasRecord">Whether the document's node stands for a record, which comes first.</param>
internal sealed partial class DocumentRefusal(bool hasRecord, int chunks)
{
    private readonly int _node = hasRecord ? 1 : 0;

    /// <summary>Carries out a step that can be refused before a command is sent.</summary>
    public static T Of<T>(Func<T> step, Func<Refusal, Refusal> place)
    {
        try
        {
            return step();
        }
        catch (RefusedException e)
        {
            throw new RefusedException(place(e.Refusal));
        }
    }

    /// <summary>Of the record that the document's node stands for.</summary>
    public static Refusal OfRecord(Refusal refusal) => At("record", refusal, VectorPlace().Replace(refusal.Message, ""));

    /// <summary>Of the vectors of the chunks.</summary>
    public Refusal OfChunks(Refusal refusal)
    {
        Match match = VectorPlace().Match(refusal.Message);
        return At(Chunk(match.Groups["row"]), refusal, refusal.Message[match.Length..]);
    }

    /// <summary>Of the transaction: the record if there is one, the node, the batch of the chunks, their nodes, and edges.</summary>
    public Refusal OfTransaction(Refusal refusal)
    {
        Match match = CommandPlace().Match(refusal.Message);
        if (!match.Success) return refusal;
        // Commands are counted from 0, and a transaction has far fewer than an int32 holds.
        int command = int.Parse(match.Groups["command"].ValueSpan, CultureInfo.InvariantCulture), batch = _node + 1;
        string place = command < _node ? "record"
            : command == batch ? Chunk(match.Groups["row"])
            : command > batch && command <= batch + chunks ? Chunk(command - batch - 1)
            : "document";
        return At(place, refusal, refusal.Message[match.Length..]);
    }

    /// <param name="row">Which of them; of a batch of one, the message does not say it.</param>
    private string Chunk(Group row) => row.Success ? Chunk(int.Parse(row.ValueSpan, CultureInfo.InvariantCulture)) : chunks == 1 ? Chunk(0) : "chunks";

    private static string Chunk(int i) => string.Create(CultureInfo.InvariantCulture, $"chunks[{i}]");

    private static Refusal At(string place, Refusal refusal, string reason) => refusal with { Message = $"{place}: {reason}" };

    [GeneratedRegex("^vector (?<row>[0-9]{1,9}): ", RegexOptions.ExplicitCapture)]
    private static partial Regex VectorPlace();

    [GeneratedRegex("^command (?<command>[0-9]{1,9}): (record (?<row>[0-9]{1,9}) of the batch: )?", RegexOptions.ExplicitCapture)]
    private static partial Regex CommandPlace();
}
