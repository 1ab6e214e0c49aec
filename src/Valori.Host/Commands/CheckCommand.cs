using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Valori.Host.Json;
using Valori.Host.Operations;
using Valori.Kernel;
using Valori.Kernel.Blake3;
using Valori.Kernel.Proofs;
using Valori.Kernel.Vectors;
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
            string later = parsed.GetRequiredValue(receipt);
            bool json = parsed.GetValue(asJson);
            return Task.FromResult(parsed.GetValue(earlier) is { } start
                ? CheckHistory(bytes, ReceiptText.ReadPlace("--earlier", start), ReceiptText.ReadPlace("--receipt", later), json)
                : CheckInclusion(bytes, ReceiptText.ReadStateHash("--receipt", later), json));
        });
        return command;
    }

    private static int CheckInclusion(byte[] proof, Digest stateHash, bool asJson)
    {
        if (!ProofVerifier.VerifyInclusion(proof, stateHash).TryGet(out ProvenContent? proven, out Refusal? refusal)) return NotProven(refusal, asJson);
        (string kind, ulong id, object? content, string text) = proven switch
        {
            ProvenRecord(var record, var held) => ("record", record.Value, held is null ? (object?)null : RecordAnswer.Of(held), held is null ? "" : Describe(held)),
            ProvenNode(var node, var held) => ("node", node.Value, held is null ? (object?)null : NodeAnswer.Of(held), held is null ? "" : Describe(held)),
            ProvenEdge(var edge, var held) => ("edge", edge.Value, held is null ? (object?)null : EdgeAnswer.Of(held), held is null ? "" : Describe(held)),
            _ => throw new InvalidOperationException($"no way to show {proven.GetType().Name}"),
        };
        Print(asJson, new { is_proven = true, state_hash = stateHash.ToString(), kind, id, is_deleted = content is null, content },
            string.Create(CultureInfo.InvariantCulture, $"proven: {kind} {id} {(content is null ? "is deleted" : "exists")} in the state {stateHash}{text}"));
        return ExitCode.Done;
    }

    private static int CheckHistory(byte[] proof, HistoryPlace earlier, HistoryPlace later, bool asJson)
    {
        if (ProofVerifier.VerifyHistory(proof, earlier, later) is { } refusal) return NotProven(refusal, asJson);
        Print(asJson, new { is_proven = true, from = earlier.SequenceNr, to = later.SequenceNr },
            string.Create(CultureInfo.InvariantCulture, $"proven: the history up to event {later.SequenceNr} extends that up to event {earlier.SequenceNr}; nothing between them was changed or taken away"));
        return ExitCode.Done;
    }

    private static int NotProven(Refusal refusal, bool asJson)
    {
        Print(asJson, new { is_proven = false, error = refusal.Message }, $"not proven: {refusal.Message}");
        return ExitCode.Failed;
    }

    private static void Print(bool asJson, object json, string text) => Console.Out.WriteLine(asJson ? AnswerJson.Line(json) : text);

    private static string Describe(RecordContent record)
    {
        ReadOnlySpan<int> vector = record.Vector.Span;
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"\n  tag {record.Tag}\n  vector of {vector.Length} components: ");
        for (int i = 0; i < Math.Min(vector.Length, MaximumComponents); i++)
            text.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? ", " : "")}{FixedPoint.ToSingle(vector[i])}");
        if (vector.Length > MaximumComponents) text.Append(", ...");
        text.Append(record.Metadata is { } metadata
            ? string.Create(CultureInfo.InvariantCulture, $"\n  metadata of {metadata.Length} bytes")
            : "\n  no metadata");
        return text.ToString();
    }

    private static string Describe(NodeContent node) => string.Create(CultureInfo.InvariantCulture,
        $"\n  kind {node.Kind.Value}\n  {(node.Record is { } record ? $"of record {record}" : "of no record")}");

    private static string Describe(EdgeContent edge) => string.Create(CultureInfo.InvariantCulture,
        $"\n  kind {edge.Kind.Value}\n  from node {edge.From} to node {edge.To}");

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
            throw new RequestException($"--proof {file.FullName} cannot be read: {e.Message}");
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
