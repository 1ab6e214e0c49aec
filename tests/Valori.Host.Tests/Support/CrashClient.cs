using System.Net;
using Valori.Protocol;

namespace Valori.Host.Tests.Support;

/// <summary>
/// One of several clients of a service that will be killed. It waits for each answer and touches only what it created
/// itself: so its commands and those of others can be carried out in any order that agrees with the ids, and lead to the
/// same state.
/// </summary>
internal sealed class CrashClient(MixedCommands commands, string collection)
{
    private readonly Dictionary<ulong, (ulong From, ulong To)> _endsOfEdges = [];

    // Of the documents that there are, by their nodes. The edges that make them chunks are not sent commands.
    private readonly Dictionary<ulong, (ulong Node, ulong Record)[]> _chunks = [];

    public byte Owner => commands.Owner;

    /// <summary>Its live records that have fields, which are those that the filter of its commands lets through.</summary>
    public SortedSet<ulong> RecordsWithFields { get; } = [];

    /// <summary>The node that a document with the key has; null if there is none.</summary>
    public ulong? DocumentOf(RecordKey key) => commands.Documents.TryGetValue(key.ToString(), out ulong node) ? node : null;

    /// <summary>The node of a document that there is.</summary>
    public ulong NodeOf(NodeRef document) => document.Key is { } key ? DocumentOf(key)!.Value : document.Id!.Value.Value;

    /// <summary>In the order in which they were sent, with what they created.</summary>
    public Queue<(Command Command, CreatedIds Created)> Answered { get; } = new();

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
            Acknowledge(Unanswered, CreatedIds.OfAnswer(Unanswered, answer.Json));
            answered();
        }
    }

    /// <summary>The command without an answer was found to be carried out, or not to be.</summary>
    /// <param name="created">What it created; null if it was not carried out.</param>
    public void Settle(CreatedIds? created)
    {
        if (created is not null) Acknowledge(Unanswered!, created);
        Unanswered = null;
    }

    private void Acknowledge(Command command, CreatedIds created)
    {
        Unanswered = null;
        Answered.Enqueue((command, created));
        commands.Records.AddRange(created.Records);
        if (created.Node is { } newNode) commands.Nodes.Add(newNode);
        if (created.Edge is { } newEdge) commands.Edges.Add(newEdge);
        switch (command)
        {
            case PutRecords put:
                string key = put.Attributes[0].Key!.ToString();
                if (commands.Keys.TryGetValue(key, out ulong replaced)) Forget(replaced);
                commands.Keys[key] = created.Records[0];
                RecordsWithFields.Add(created.Records[0]);
                break;
            case SetFields { Record.Id: { } id }: RecordsWithFields.Add(id.Value); break;
            case DeleteKey(var deleted): Forget(commands.Keys[deleted.ToString()]); break;
            case DeleteRecord(var id): Forget(id.Value); break;
            case DeleteWhere:
                foreach (ulong id in RecordsWithFields.ToArray()) Forget(id);
                break;
            case CreateEdge(var from, var to, _): _endsOfEdges[created.Edge!.Value] = (from.Value, to.Value); break;
            case PutEdge(var from, var to, _, _, _): _endsOfEdges[created.Edge!.Value] = (from.Value, to.Value); break;
            case Transact { Parts: [.., { Command: PutEdge edge }] }: _endsOfEdges[created.Edge!.Value] = (edge.From.Value, created.Node!.Value); break;
            case DeleteEdge(var id): commands.Edges.Remove(id.Value); break;
            case DeleteNode(var id): ForgetNode(id.Value); break;
            case PutDocument put:
                ulong document = created.Document!.Value;
                ForgetChunks(document);
                commands.Documents[put.Key.ToString()] = document;
                commands.Nodes.AddRange(created.Chunks);
                _chunks[document] = [.. created.Chunks.Zip(created.Records)];
                RecordsWithFields.UnionWith(created.Records.Where((_, i) => !put.Attributes[i].Fields.IsEmpty));
                break;
            case DeleteDocument(var named):
                ulong deletedDocument = NodeOf(named);
                ForgetChunks(deletedDocument);
                ForgetNode(deletedDocument);
                break;
        }
    }

    /// <summary>Those whose nodes are still there: the record of a node that was deleted is no chunk any more, and stays.</summary>
    private void ForgetChunks(ulong document)
    {
        foreach ((ulong node, ulong record) in _chunks.GetValueOrDefault(document, []).Where(chunk => commands.Nodes.Contains(chunk.Node)))
        {
            Forget(record);
            ForgetNode(node);
        }
    }

    private void ForgetNode(ulong node)
    {
        commands.Nodes.Remove(node);
        commands.Edges.RemoveAll(edge => _endsOfEdges[edge] is var (from, to) && (from == node || to == node));
        _chunks.Remove(node);
        if (commands.Documents.FirstOrDefault(one => one.Value == node).Key is { } key) commands.Documents.Remove(key);
    }

    private void Forget(ulong record)
    {
        commands.Records.Remove(record);
        RecordsWithFields.Remove(record);
        if (commands.Keys.FirstOrDefault(one => one.Value == record).Key is { } key) commands.Keys.Remove(key);
    }
}
