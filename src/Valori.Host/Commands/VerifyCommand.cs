using System.CommandLine;
using Valori.Actors.Audit;
using Valori.Host.Json;

namespace Valori.Host.Commands;

/// <summary><c>valori verify</c>: proves what is on disk, without an engine, read-only, also beside a service.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo?> data = AuditedStore.Data("Nothing in it is changed.");
        Option<FileInfo?> config = AuditedStore.Config();
        Option<string?> collection = new("--collection") { Description = "Only this collection. Without it, all of them.", HelpName = "NAME" };
        Option<string?> expect = new("--expect")
        {
            Description = "A receipt that the history must contain, as JSON or as a file. Also detects a journal that lost its end.",
            HelpName = "RECEIPT",
        };
        Option<bool> asJson = CommandLine.Json("Print one JSON object.");
        Command command = new("verify", "Prove the journal and snapshots of a directory or a database byte by byte, or name the first bad place.")
        {
            data, config, collection, expect, asJson,
        };
        AuditedStore.Require(command, data, config);
        command.OnRun((parsed, cancellationToken) => Task.Run(
            () => Run(AuditedStore.Of(parsed.GetValue(data), parsed.GetValue(config)), parsed.GetValue(collection), parsed.GetValue(expect), parsed.GetValue(asJson), cancellationToken),
            cancellationToken));
        return command;
    }

    private static int Run(AuditedStore store, string? collection, string? expect, bool asJson, CancellationToken cancellationToken)
    {
        HistoryPlace? expected = expect is null ? null : ReceiptText.ReadPlace("--expect", expect);
        using DirectoryAudit audit = store.Open();
        if (collection is null && expected is not null && audit.Collections.Count > 1)
        {
            return CommandLine.WrongUsage(
                [$"--expect is a receipt of one collection, but {store.Name} has {audit.Collections.Count}: choose with --collection one of {string.Join(", ", audit.Collections)}"],
                "verify ");
        }
        if (collection is not null && !audit.Collections.Contains(collection) || collection is null && expected is not null && audit.Collections.Count == 0)
        {
            throw store.NoCollection(collection, audit.Collections);
        }

        List<AuditedCollection> audited = [];
        foreach (string name in collection is null ? audit.Collections : [collection])
        {
            VerifyProgress progress = new(name, audit.LastSequenceNr(name));
            AuditedCollection result = audit.Audit(name, expected, progress.Report, cancellationToken: cancellationToken);
            audited.Add(result);
            if (!asJson) Console.Out.WriteLine($"{VerifyAnswers.ToText(result)}\n");
        }
        bool isGood = audited.TrueForAll(result => result.IsGood) && audit.Strangers.Count == 0;
        Console.Out.WriteLine(asJson
            ? AnswerJson.Line(VerifyAnswers.ToJson(audited, audit, isGood))
            : VerifyAnswers.Verdict(audited, audit, isGood));
        return isGood ? ExitCode.Done : ExitCode.Failed;
    }
}
