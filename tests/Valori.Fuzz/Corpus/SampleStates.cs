using Valori.Kernel;
using Valori.Kernel.Snapshots;
using Valori.Protocol;

namespace Valori.Fuzz.Corpus;

/// <summary>Small states of every shape, the same in every run.</summary>
internal static class SampleStates
{
    public static readonly Digest Hash = Digest.Of("a hash"u8);

    /// <summary>Narrow and wide blocks, metadata, tombstones, nodes with and without records, edges; by dimension.</summary>
    public static ValoriKernel Full(int dimension, int records = 6) => Full(new EngineSchema(dimension), records);

    /// <summary>The same in a collection with a metric and a scale.</summary>
    public static ValoriKernel Full(EngineSchema schema, int records = 6)
    {
        ValoriKernel kernel = new(schema);
        Do(kernel, Insert(schema, records, scale: 0.4f));
        Do(kernel, Insert(schema, 2, scale: 3f));
        Do(kernel, new SetMetadata(new RecordId(0), Array.Empty<byte>()));
        Do(kernel, new SetMetadata(new RecordId(1), "metadata"u8.ToArray()));
        Do(kernel, new DeleteRecord(new RecordId(2)));
        Do(kernel, new CreateNode(NodeKind.Document, null));
        Do(kernel, new CreateNode(NodeKind.Chunk, new RecordId(1)));
        Do(kernel, new CreateNode(NodeKind.Record, new RecordId(1)));
        Do(kernel, new CreateEdge(new NodeId(0), new NodeId(1), EdgeKind.ParentOf));
        Do(kernel, new CreateEdge(new NodeId(1), new NodeId(0), EdgeKind.RefersTo));
        Do(kernel, new CreateEdge(new NodeId(1), new NodeId(1), new EdgeKind(200)));
        Do(kernel, new DeleteEdge(new EdgeId(0)));
        Do(kernel, new CreateNode(new NodeKind(9), null));
        Do(kernel, new DeleteNode(new NodeId(3)));
        return kernel;
    }

    /// <summary>A full state with records of every combination of key, fields and expiry, and nodes and edges with attributes.</summary>
    public static ValoriKernel Attributed(int dimension)
    {
        ValoriKernel kernel = Full(dimension);
        RecordAttributes[] attributes = [.. Enumerable.Range(0, 8).Select(i => new RecordAttributes
        {
            Key = (i & 1) != 0 ? RandomCommands.Keys[i] : null,
            Fields = (i & 2) != 0 ? new FieldsBuilder { ["user.name"] = "ada", ["n"] = i, ["topics"] = new[] { "tea", "ä" } }.Build() : Fields.Empty,
            ExpiresAtUnixMicroseconds = (i & 4) != 0 ? 1_800_000_000_000_000 : null,
            Metadata = i == 5 ? "m"u8.ToArray() : null,
        })];
        InsertRecords insert = Insert(dimension, attributes.Length, scale: 0.4f);
        Do(kernel, new PutRecords(insert.Vectors, insert.Tags, attributes));
        Do(kernel, new PutRecords(insert.Vectors, insert.Tags, [.. attributes.Select((one, i) => i < 3 ? one : RecordAttributes.None)], Replace: true));
        Fields fields = new FieldsBuilder { ["name"] = "tea", ["n"] = new[] { 1, 2 } }.Build();
        NodeId node = new(kernel.TakeView().NodeSlots);
        Do(kernel, new PutNode(NodeKind.Document, null, fields));
        Do(kernel, new PutNode(NodeKind.Chunk, new RecordId(1), fields));
        foreach (ValidTime valid in (ValidTime[])[ValidTime.Always, new(5, null), new(null, -5), new(-7, 7)]) Do(kernel, new PutEdge(node, new NodeId(1), EdgeKind.RefersTo, fields, valid));
        Do(kernel, new PutEdge(node, node, EdgeKind.RefersTo, Fields.Empty, new ValidTime(0, 1)));
        return kernel;
    }

    public static InsertRecords Insert(int dimension, int records, float scale) => Insert(new EngineSchema(dimension), records, scale);

    private static InsertRecords Insert(EngineSchema schema, int records, float scale)
    {
        float[] components = new float[records * schema.Dimension];
        for (int i = 0; i < components.Length; i++) components[i] = MathF.Sin(i + scale) * scale;
        return new InsertRecords(VectorBlock.FromComponents(schema, components).Value!, Enumerable.Range(0, records).Select(i => (ulong)i % 3).ToArray());
    }

    public static void Do(ValoriKernel kernel, Command command) => kernel.Apply(kernel.Decide(command).Value!);

    /// <summary>A history of so many events that all led to one state.</summary>
    public static History HistoryOf(ValoriKernel kernel, int events)
    {
        History history = new();
        while (history.SequenceNr < events) history.Extend(1_700_000_000_000_000 + history.SequenceNr, kernel.StateHash, kernel.Mark());
        return history;
    }

    public static byte[] Snapshot(ValoriKernel kernel, int sequenceNr = 9)
    {
        History history = HistoryOf(kernel, sequenceNr);
        View view = kernel.TakeView();
        using MemoryStream stream = new();
        SnapshotWriter.Write(
            stream, view, new SnapshotHeader(sequenceNr, history.UnixMicroseconds, history.Chain, view.StateHash, history.FrontierAt(sequenceNr)));
        return stream.ToArray();
    }
}
