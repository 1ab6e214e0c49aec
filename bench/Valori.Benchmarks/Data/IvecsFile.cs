using System.Runtime.InteropServices;

namespace Valori.Benchmarks.Data;

/// <summary>TEXMEX .ivecs: per query a little-endian int32 count, then as many int32 record ids, nearest first.</summary>
internal static class IvecsFile
{
    public static void Write(string path, IEnumerable<SearchHit[]> answers)
    {
        using FileStream stream = File.Create(path);
        foreach (SearchHit[] hits in answers)
        {
            int[] row = [hits.Length, .. hits.Select(hit => checked((int)hit.Id.Value))];
            stream.Write(MemoryMarshal.AsBytes(row.AsSpan()));
        }
    }

    public static List<int[]> Read(string path)
    {
        ReadOnlySpan<int> values = MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(path));
        List<int[]> answers = [];
        while (values.Length > 0)
        {
            int count = values[0];
            answers.Add(values.Slice(1, count).ToArray());
            values = values[(count + 1)..];
        }
        return answers;
    }

    /// <summary>The mean share of ids that both name for the same query, whatever their order.</summary>
    public static double Agreement(List<int[]> left, List<int[]> right)
    {
        if (left.Count != right.Count || left.Count == 0)
            throw new InvalidDataException($"answers to {left.Count} and {right.Count} queries cannot be compared");
        return left.Zip(right, (a, b) => a.Length == 0 ? 1 : (double)a.Intersect(b).Count() / a.Length).Average();
    }
}
