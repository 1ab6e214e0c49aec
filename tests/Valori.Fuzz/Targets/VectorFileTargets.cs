using System.Text;
using Valori.Host.Files;

namespace Valori.Fuzz.Targets;

/// <summary>
/// Vector files as <c>import</c> and <c>search</c> read them, each format a target of its own. Declared:
/// <see cref="VectorFileException"/>. What is read has the shape that the file said.
/// </summary>
internal static class VectorFileTargets
{
    private const int BatchRows = 100;

    // Constant: the file's read buffer of 1 MiB. Factor: a component of two characters of JSON is a float32 in three lists, beside
    // the line as text.
    private static readonly AllocationBound Allocation = new(Allocating.OneThread, 3 << 20, 100);

    public static readonly FuzzTarget Fvecs = New("fvecs", input => Read(input, ".fvecs"), FvecsCorpus, Syntax.Binary, 800);

    public static readonly FuzzTarget Ivecs = New("ivecs", ReadIvecs, FvecsCorpus, Syntax.Binary, 800);

    public static readonly FuzzTarget Npy = New("npy", input => Read(input, ".npy"), NpyCorpus, Syntax.Binary, 1_000) with { HotOffsets = [0, 6, 8, 20] };

    public static readonly FuzzTarget NpyText = New("npy-header", input => Read(input, ".npy"), NpyCorpus, Syntax.Text, 800);

    public static readonly FuzzTarget JsonLines = New("jsonl", input => Read(input, ".jsonl"), JsonLinesCorpus, Syntax.Text, 1_200);

    private static FuzzTarget New(string name, Attack attack, Func<IReadOnlyList<byte[]>> corpus, Syntax syntax, int rounds) =>
        new(name, attack, new Lazy<IReadOnlyList<byte[]>>(corpus), syntax, Allocation, rounds);

    private static void Read(ReadOnlySpan<byte> input, string extension)
    {
        string path = Sandbox.File($"vectors{extension}");
        File.WriteAllBytes(path, input);
        try
        {
            using VectorFile file = VectorFile.Open(path);
            long rows = 0;
            while (file.ReadBatch(BatchRows) is { } batch)
            {
                BrokenPromiseException.ThrowIf(
                    batch.Dimension != file.Dimension || batch.Components.Length != batch.Count * batch.Dimension || batch.FirstRow != rows || batch.Count is 0 or > BatchRows,
                    $"a batch of {batch.Count} rows, {batch.Components.Length} components, from row {batch.FirstRow}");
                rows += batch.Count;
            }
            BrokenPromiseException.ThrowIf((file.RowCount ?? rows) != rows || file.RowsRead != rows, $"{rows} rows were read of {file.RowCount}");
            Verdict.Accepted();
        }
        catch (VectorFileException)
        {
            // the one error there is
        }
    }

    private static void ReadIvecs(ReadOnlySpan<byte> input)
    {
        string path = Sandbox.File("truth.ivecs");
        File.WriteAllBytes(path, input);
        try
        {
            int[][] rows = IvecsFile.ReadAll(path);
            BrokenPromiseException.ThrowIf(rows.Sum(row => sizeof(int) * (1 + row.Length)) != input.Length, "the rows do not take the whole file");
            Verdict.Accepted();
        }
        catch (VectorFileException)
        {
            // the one error there is
        }
    }

    private static List<byte[]> FvecsCorpus() => [Fvec(2, 3), Fvec(1, 1), Fvec(128, 20), Fvec(2, 250)];

    private static byte[] Fvec(int dimension, int rows)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        for (int row = 0; row < rows; row++)
        {
            writer.Write(dimension);
            for (int i = 0; i < dimension; i++) writer.Write(row + i / 8f);
        }
        return stream.ToArray();
    }

    private static List<byte[]> NpyCorpus() =>
    [
        Npz(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", 24), Npz(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 5), }", 80),
        Npz(1, "{'descr': '<f2', 'fortran_order': False, 'shape': (120, 3), }", 720), Npz(2, "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2), }", 0),
        Npz(3, "{'shape': (1L, 1L), \"fortran_order\": False, \"descr\": '=f4'}", 4),
    ];

    private static byte[] Npz(byte version, string header, int dataBytes)
    {
        byte[] text = Encoding.ASCII.GetBytes(header.PadRight(117) + "\n");
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. new byte[dataBytes]];
    }

    private static List<byte[]> JsonLinesCorpus() =>
    [
        .. ((string[])
        [
            """{"vector":[1,2.5,-3e-1],"tag":7}""" + "\n" + """{"tag":0,"vector":[0,0,1]}""" + "\n", "[1,2]\n[3,4]\n\n[5,6]", """{"vector":[0.1],"tag":18446744073709551615}""",
            string.Join('\n', Enumerable.Range(0, 250).Select(i => $"[{i},0]")), """{"vector":[1]}""" + "\r\n" + """{"vector":[2],"tag":0}""",
        ]).Select(Encoding.UTF8.GetBytes),
    ];
}
