using Valori.Kernel;

namespace Valori.Host.Tests.Support;

internal sealed record PlainRecord(float[] Vector, ulong Tag)
{
    public byte[]? Metadata { get; set; }
    public string? Key { get; init; }
    public Fields Fields { get; set; } = Fields.Empty;
    public bool IsDeleted { get; set; }
}

internal sealed record PlainNode(NodeKind Kind)
{
    public RecordId? Record { get; set; }
    public bool IsDeleted { get; set; }
}

internal sealed record PlainEdge(NodeId From, NodeId To, EdgeKind Kind)
{
    public bool IsDeleted { get; set; }
}

/// <summary>What an engine must hold, in plain lists: nothing of the kernel's but the names of commands.</summary>
internal sealed class PlainModel
{
    public List<PlainRecord> Records { get; } = [];

    public List<PlainNode> Nodes { get; } = [];

    public List<PlainEdge> Edges { get; } = [];

    /// <summary>Carries a command out; false, and nothing happened, where it has to be refused.</summary>
    public bool Apply(Command command)
    {
        if (IsRefused(command)) return false;
        switch (command)
        {
            case InsertRecords insert:
                Records.AddRange(CommandText.Rows(insert.Vectors).Select((row, i) => new PlainRecord(row, insert.Tags.Span[i])));
                break;
            case PutRecords put:
                string key = put.Attributes[0].Key!.ToString();
                RecordId next = new((ulong)Records.Count);
                if (IdOf(key) is { } old)
                {
                    At(Records, old.Value)!.IsDeleted = true;
                    foreach (PlainNode node in Nodes.Where(node => !node.IsDeleted && node.Record == old)) node.Record = next;
                }
                Records.Add(new PlainRecord(CommandText.Rows(put.Vectors)[0], put.Tags.Span[0]) { Key = key, Fields = put.Attributes[0].Fields });
                break;
            case SetFields { Record.Id: { } id } set:
                // All fields of these tests have the same names.
                At(Records, id.Value)!.Fields = set.Fields;
                break;
            case DeleteKey(var deleted):
                At(Records, IdOf(deleted.ToString())!.Value.Value)!.IsDeleted = true;
                break;
            case SetMetadata(var id, var metadata):
                At(Records, id.Value)!.Metadata = metadata.ToArray();
                break;
            case DeleteRecord(var id):
                At(Records, id.Value)!.IsDeleted = true;
                break;
            case CreateNode(var kind, var record):
                Nodes.Add(new PlainNode(kind) { Record = record });
                break;
            case CreateEdge(var from, var to, var kind):
                Edges.Add(new PlainEdge(from, to, kind));
                break;
            case DeleteNode(var id):
                At(Nodes, id.Value)!.IsDeleted = true;
                foreach (PlainEdge edge in Edges.Where(edge => edge.From == id || edge.To == id)) edge.IsDeleted = true;
                break;
            case DeleteEdge(var id):
                At(Edges, id.Value)!.IsDeleted = true;
                break;
            default: throw new ArgumentException($"the model cannot carry out {command.GetType().Name}", nameof(command));
        }
        return true;
    }

    /// <summary>The live record that has the key, or null.</summary>
    public RecordId? IdOf(string key) => Records.FindLastIndex(record => record.Key == key) is >= 0 and var id && !Records[id].IsDeleted ? new RecordId((ulong)id) : null;

    private bool IsRefused(Command command) => command switch
    {
        SetFields { Record.Id: { } id } => At(Records, id.Value) is not { IsDeleted: false },
        DeleteKey(var key) => IdOf(key.ToString()) is null,
        SetMetadata(var id, _) => At(Records, id.Value) is not { IsDeleted: false },
        DeleteRecord(var id) => At(Records, id.Value) is not { IsDeleted: false },
        CreateNode(_, { } record) => At(Records, record.Value) is not { IsDeleted: false },
        CreateEdge(var from, var to, _) => At(Nodes, from.Value) is not { IsDeleted: false } || At(Nodes, to.Value) is not { IsDeleted: false },
        DeleteNode(var id) => At(Nodes, id.Value) is not { IsDeleted: false },
        DeleteEdge(var id) => At(Edges, id.Value) is not { IsDeleted: false },
        _ => false,
    };

    private static T? At<T>(List<T> list, ulong id) where T : class => id < (ulong)list.Count ? list[(int)id] : null;
}
