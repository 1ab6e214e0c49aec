using System.Buffers.Binary;

namespace Valori.Host.Files;

/// <summary>TEXMEX <c>.ivecs</c>: ground truth; per row a little-endian int32 count, then as many int32 ids.</summary>
internal static class IvecsFile
{
    /// <summary>All rows; each the ids of one query's nearest neighbours, nearest first.</summary>
    public static int[][] ReadAll(string path)
    {
        if (!path.EndsWith(".ivecs", StringComparison.OrdinalIgnoreCase))
            throw new VectorFileException($"{path}: unknown extension '{Path.GetExtension(path)}'; a ground truth is an .ivecs file, rows of int32 ids");
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VectorFileException($"{path} cannot be read: {FileFailure.ReasonOf(path, e)}", e);
        }
        List<int[]> rows = [];
        for (int offset = 0; offset < bytes.Length;)
        {
            int left = (bytes.Length - offset) / sizeof(int) - 1;
            int count = left >= 0 ? BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(offset)) : -1;
            if (count < 0 || count > left)
                throw new VectorFileException($"{path}: row {rows.Count} at byte {offset} counts {count} ids, but {Math.Max(0, left)} are left in the file: it is truncated, or not an .ivecs file");
            int[] row = new int[count];
            for (int i = 0; i < count; i++)
            {
                row[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(offset + sizeof(int) * (i + 1)));
                if (row[i] < 0) throw new VectorFileException($"{path}: row {rows.Count}: id {i} is {row[i]}; an id is at least 0");
            }
            rows.Add(row);
            offset += sizeof(int) * (count + 1);
        }
        return [.. rows];
    }
}
