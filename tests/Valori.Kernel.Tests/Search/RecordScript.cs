using Valori.Protocol;

namespace Valori.Kernel.Tests.Search;

/// <summary>Random commands that put, change and delete records of two dimensions with keys and fields.</summary>
internal static class RecordScript
{
    /// <summary>A batch of records with keys and fields, changes of fields of some, and deletions.</summary>
    public static IEnumerable<Command> Commands(Random random, int records)
    {
        const int batch = 150, dimension = 2;
        yield return new PutRecords(
            VectorBlock.FromComponents(dimension, [.. Enumerable.Range(0, batch * dimension).Select(_ => random.Next(-50, 50) / 8f)]).Value!,
            Enumerable.Range(0, batch).Select(_ => (ulong)random.Next(40)).ToArray(),
            [.. Enumerable.Range(0, batch).Select(i => new RecordAttributes { Key = i % 3 == 0 ? $"key {records + i}" : null, Fields = FieldsOf(random), ExpiresAtUnixMicroseconds = i % 5 == 0 ? records + i : null })], Replace: true);
        for (int i = 0; i < 12; i++)
        {
            RecordId id = new((ulong)(records + 20 + random.Next(batch - 20)));
            yield return i % 3 == 0 ? SetFields.Merge(id, new FieldsBuilder { ["late"] = true }.Build()) : SetFields.Replace(id, FieldsOf(random));
        }
        for (int i = 0; i < 5; i++) yield return new DeleteRecord(new RecordId((ulong)(records + 2 * i)));
        yield return new DeleteRecord(new RecordId((ulong)records + 19));
    }

    private static Fields FieldsOf(Random random) => new FieldsBuilder
    {
        ["user"] = $"user {random.Next(60)}",
        ["n"] = random.Next(2) == 0 ? random.Next(60) : (double)random.Next(60),
        ["at"] = DateTimeOffset.UnixEpoch.AddSeconds(random.Next(60)),
        ["topics"] = new[] { $"topic {random.Next(60)}", $"topic {random.Next(60)}" },
        ["common"] = random.Next(2),
    }.Build();
}
