using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Valori.Actors.Text;
using Valori.Host.Files;
using Valori.Host.Json;
using Valori.Host.Operations;
using Command = System.CommandLine.Command;

namespace Valori.Host.Commands;

/// <summary><c>valori check</c>: checks a proof against receipts, with nothing else: no engine, no directory.</summary>
internal static class CheckCommand
{
    // Of a vector, so many components are shown.
    private const int MaximumComponents = 4;

    public static Command Create()
    {
        Option<FileInfo> proof = new("--proof") { Description = "The proof: its bytes, its JSON, or a whole answer that contains it.", Required = true, HelpName = "FILE" };
        Option<string> receipt = new("--receipt")
        {
            Description = "The receipt that the proof must lead to, as JSON or as a file. For a history proof, the later one.",
            Required = true,
            HelpName = "RECEIPT",
        };
        Option<string?> earlier = new("--earlier") { Description = "For a history proof: the receipt that it starts from.", HelpName = "RECEIPT" };
        Option<bool> asJson = CommandLine.Json("Print one JSON object.");
        Command command = new("check", "Check a proof against a receipt, offline: that a state contains a record, or that a history extends an earlier one.")
        {
            proof, receipt, earlier, asJson,
        };
        command.OnRun((parsed, _) =>
        {
            byte[] bytes = ReadProof(parsed.GetRequiredValue(proof));
            CheckKind(bytes, hasEarlier: parsed.GetValue(earlier) is not null);
            string later = parsed.GetRequiredValue(receipt);
            bool json = parsed.GetValue(asJson);
            return Task.FromResult(parsed.GetValue(earlier) is { } start
                ? CheckHistory(bytes, ReceiptText.ReadPlace("--earlier", start), ReceiptText.ReadPlace("--receipt", later), json)
                : CheckInclusion(bytes, ReceiptText.ReadStateHash("--receipt", later), json));
        });
        return command;
    }

    /// <summary>A proof of the other kind is mostly an option too many or too few.</summary>
    private static void CheckKind(byte[] proof, bool hasEarlier)
    {
        string format = FormatOf(proof);
        if (format == HistoryProof.Format && !hasEarlier)
            throw new RequestException("--proof is a history proof, which lies between two receipts: add --earlier with the receipt that it starts from");
        if (format == InclusionProof.Format && hasEarlier)
            throw new RequestException("--proof is an inclusion proof, which leads to one receipt: leave out --earlier");
    }

    /// <summary>What the proof says it is, in either form; empty if it does not say.</summary>
    private static string FormatOf(byte[] proof)
    {
        if (proof.AsSpan().StartsWith(HistoryProof.Magic)) return HistoryProof.Format;
        if (proof.AsSpan().StartsWith(InclusionProof.Magic)) return InclusionProof.Format;
        try
        {
            using JsonDocument document = JsonDocument.Parse(proof);
            return document.RootElement is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("format", out JsonElement format)
                && format.ValueKind == JsonValueKind.String ? format.GetString()! : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private static int CheckInclusion(byte[] proof, Digest stateHash, bool asJson)
    {
        if (!ProofVerifier.VerifyInclusion(proof, stateHash, out EngineSchema? schema).TryGet(out ProvenContent? proven, out Refusal? refusal)) return NotProven(refusal, asJson);
        return proven switch
        {
            ProvenRecord(var record, var held) => Show("record", record.Value, held, content => RecordAnswer.Of(content, schema!), content => Describe(content, schema!)),
            ProvenNode(var node, var held) => Show("node", node.Value, held, NodeAnswer.Of, Describe),
            ProvenEdge(var edge, var held) => Show("edge", edge.Value, held, EdgeAnswer.Of, Describe),
            _ => throw new InvalidOperationException($"no way to show {proven.GetType().Name}"),
        };

        int Show<TContent, TAnswer>(string kind, ulong id, TContent? content, Func<TContent, TAnswer> answer, Func<TContent, string> describe)
            where TContent : class
            where TAnswer : class
        {
            Print(asJson, new InclusionCheckAnswer<TAnswer>(true, stateHash.ToString(), kind, id, content is null, content is null ? null : answer(content)),
                string.Create(CultureInfo.InvariantCulture, $"proven: {kind} {id} {(content is null ? "is deleted" : "exists")} in the state {stateHash}{(content is null ? "" : describe(content))}"));
            return ExitCode.Done;
        }
    }

    private static int CheckHistory(byte[] proof, HistoryPlace earlier, HistoryPlace later, bool asJson)
    {
        if (ProofVerifier.VerifyHistory(proof, earlier, later) is { } refusal) return NotProven(refusal, asJson);
        Print(asJson, new HistoryCheckAnswer(true, earlier.SequenceNr, later.SequenceNr),
            string.Create(CultureInfo.InvariantCulture, $"proven: the history up to event {later.SequenceNr} extends that up to event {earlier.SequenceNr}; "
                + $"nothing between them was changed or taken away"));
        return ExitCode.Done;
    }

    private static int NotProven(Refusal refusal, bool asJson)
    {
        Print(asJson, new FailedCheckAnswer(false, refusal.Message), $"not proven: {refusal.Message}");
        return ExitCode.Failed;
    }

    private static void Print<TAnswer>(bool asJson, TAnswer json, string text) => Console.Out.WriteLine(asJson ? AnswerJson.Line(json) : text);

    private static string Describe(RecordContent record, EngineSchema schema)
    {
        ReadOnlySpan<int> vector = record.Vector.Span;
        StringBuilder text = new();
        if (record.Key is { } key) text.Append(CultureInfo.InvariantCulture, $"\n  key {RecordKey.Show(key.Utf8)}");
        text.Append(CultureInfo.InvariantCulture, $"\n  tag {record.Tag}\n  vector of {vector.Length} components: ");
        for (int i = 0; i < Math.Min(vector.Length, MaximumComponents); i++)
            text.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? ", " : "")}{schema.ToSingle(vector[i])}");
        if (vector.Length > MaximumComponents) text.Append(", ...");
        text.Append(Describe(record.Fields)).Append(record.Metadata is { } metadata
            ? string.Create(CultureInfo.InvariantCulture, $"\n  metadata of {metadata.Length} bytes")
            : "\n  no metadata");
        if (record.ExpiresAtUnixMicroseconds is { } expiry) text.Append(CultureInfo.InvariantCulture, $"\n  expires at {Iso8601.Format(expiry)}");
        return text.ToString();
    }

    private static string Describe(NodeContent node) => string.Create(CultureInfo.InvariantCulture,
        $"\n  kind {node.Kind.Value}\n  {(node.Record is { } record ? $"of record {record}" : "of no record")}{Describe(node.Fields)}");

    private static string Describe(EdgeContent edge) => string.Create(CultureInfo.InvariantCulture,
        $"\n  kind {edge.Kind.Value}\n  from node {edge.From} to node {edge.To}{Describe(edge.Fields)}{Describe(edge.Valid)}");

    private static string Describe(Fields fields) => fields.IsEmpty ? "" : $"\n  fields {fields.ToJson()}";

    private static string Describe(ValidTime valid) => valid.IsAlways ? "" : string.Concat(
        "\n  valid", valid.FromUnixMicroseconds is { } from ? $" from {Iso8601.Format(from)}" : "", valid.ToUnixMicroseconds is { } to ? $" to {Iso8601.Format(to)}" : "");

    /// <summary>The file's bytes, or those of the field <c>proof</c> if it is JSON with one. The verifier says whether they are a proof.</summary>
    private static byte[] ReadProof(FileInfo file)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"--proof {file.FullName} cannot be read: {FileFailure.ReasonOf(file.FullName, e)}");
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return document.RootElement is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty("proof", out JsonElement proof)
                ? Encoding.UTF8.GetBytes(proof.GetRawText())
                : bytes;
        }
        catch (JsonException)
        {
            return bytes;
        }
    }
}
