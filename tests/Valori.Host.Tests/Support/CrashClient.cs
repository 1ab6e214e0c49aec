using System.Net;
using Valori.Kernel;

namespace Valori.Host.Tests.Support;

/// <summary>
/// One of several clients of a service that will be killed. It waits for each answer and touches only what it created
/// itself: so its commands and those of others can be carried out in any order that agrees with the ids, and lead to the
/// same state.
/// </summary>
internal sealed class CrashClient(MixedCommands commands, string collection)
{
    public byte Owner => commands.Owner;

    /// <summary>In the order in which they were sent; the id is that of what the command created.</summary>
    public Queue<(Command Command, ulong FirstId)> Answered { get; } = new();

    /// <summary>Sent without an answer: carried out completely, or not at all.</summary>
    public Command? Unanswered { get; private set; }

    /// <summary>Of the last command that was answered with one.</summary>
    public ReceiptText? LastReceipt { get; private set; }

    /// <summary>Sends commands until the service is gone.</summary>
    public async Task SendAsync(RunningService service, Action answered)
    {
        while (true)
        {
            Unanswered = commands.Next();
            (HttpMethod method, string path, string? body) = CommandText.Request(Unanswered);
            HttpAnswer answer;
            try
            {
                answer = await service.SendAsync(method, collection + path, body);
            }
            catch (HttpRequestException)
            {
                return;
            }
            Assert.True(answer.Status == HttpStatusCode.OK, $"client {Owner}: {Unanswered}: {answer}");
            if (Unanswered != MixedCommands.Save) LastReceipt = Receipts.Of(answer.Text);
            Acknowledge(Unanswered, Unanswered switch
            {
                InsertRecords { Vectors.Count: > 1 } => answer.Json.GetProperty("ids")[0].GetUInt64(),
                InsertRecords or PutRecords or CreateNode or CreateEdge => answer.Json.GetProperty("id").GetUInt64(),
                _ => 0,
            });
            answered();
        }
    }

    /// <summary>The command without an answer was found to be carried out, or not to be.</summary>
    /// <param name="firstId">Of what it created; null if it was not carried out.</param>
    public void Settle(ulong? firstId)
    {
        if (firstId is { } id) Acknowledge(Unanswered!, id);
        Unanswered = null;
    }

    private void Acknowledge(Command command, ulong firstId)
    {
        Unanswered = null;
        Answered.Enqueue((command, firstId));
        switch (command)
        {
            case InsertRecords insert:
                for (int row = 0; row < insert.Vectors.Count; row++) commands.Records.Add(firstId + (ulong)row);
                break;
            case PutRecords put:
                string key = put.Attributes[0].Key!.ToString();
                if (commands.Keys.TryGetValue(key, out ulong replaced)) commands.Records.Remove(replaced);
                commands.Keys[key] = firstId;
                commands.Records.Add(firstId);
                break;
            case DeleteKey(var deleted):
                commands.Keys.Remove(deleted.ToString(), out ulong record);
                commands.Records.Remove(record);
                break;
            case CreateNode: commands.Nodes.Add(firstId); break;
            case DeleteRecord(var id):
                commands.Records.Remove(id.Value);
                if (commands.Keys.FirstOrDefault(one => one.Value == id.Value).Key is { } gone) commands.Keys.Remove(gone);
                break;
            case DeleteNode(var id): commands.Nodes.Remove(id.Value); break;
        }
    }
}
