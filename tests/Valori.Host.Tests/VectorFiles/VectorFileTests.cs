using Valori.Host.Commands;
using Valori.Host.Files;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.VectorFiles;

/// <summary>The readers of .fvecs, .npy, .jsonl and .ivecs: what they read, and how they refuse damage.</summary>
public sealed class VectorFileTests(ITestOutputHelper output) : IDisposable
{
    private const int Seed = 42;
    private readonly TemporaryDirectory _directory = new();
    private readonly TestVectors _vectors = TestVectors.Random(Seed, 10, 3);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("<f2", 1)]
    [InlineData("<f4", 1)]
    [InlineData("<f8", 1)]
    [InlineData("<f4", 2)]
    [InlineData("<f8", 3)]
    public void Npy_gives_the_rows_in_every_type_and_version(string type, byte version) =>
        AssertReads(_vectors.WriteNpy(_directory.File("v.npy"), type, version));

    [Fact]
    public void Fvecs_gives_the_rows() => AssertReads(_vectors.WriteFvecs(_directory.File("v.fvecs")));

    [Fact]
    public void Json_lines_gives_rows_and_tags_of_objects_and_of_arrays_alone()
    {
        AssertReads(_vectors.WriteJsonLines(_directory.File("v.jsonl")));
        using VectorFile file = VectorFile.Open(Write("t.jsonl", "[1,2]\n\n{\"tag\":7,\"vector\":[3,4]}\r\n  \n"));
        VectorBatch rows = file.ReadBatch(10)!;
        Assert.Equal([1f, 2, 3, 4], rows.Components);
        Assert.Equal([0UL, 7], rows.Tags);
        Assert.Null(file.ReadBatch(10));
    }

    [Theory]
    [InlineData("", "holds no vector")]
    [InlineData("[1,2]\n[1]\n", "line 2 has 1 components, the first vector has 2")]
    [InlineData("[1,2]\n\nnonsense\n", "line 3, byte 1: 'nonsense' is an invalid JSON literal. Expected the literal 'null'")]
    [InlineData("[1,\"x\"]\n", "line 1: vector[1] must be a number, got \"x\"")]
    [InlineData("{\"vector\":[1],\"text\":\"a\"}\n", "line 1: unknown field 'text'; a line takes vector, tag")]
    [InlineData("{\"vector\":[1],\"metadata\":\"?\"}\n", "line 1: field 'metadata' must be base64 text")]
    [InlineData("{\"vector\":[1],\"tag\":1,\"tag\":2}\n", "line 1: field 'tag' appears more than once")]
    [InlineData("{\"vector\":[1],\"tag\":null}\n", "line 1: field 'tag' is null: leave out what has no value")]
    [InlineData("{\"tag\":1}\n", "line 1: field 'vector' is missing")]
    [InlineData("[1]\n\n{\"vector\":[1],\"vector\":[2]}\n", "line 3: field 'vector' appears more than once")]
    [InlineData("{\"tag\":1,\"vector\":[1],\"tag\":1}\n", "line 1: field 'tag' appears more than once")]
    [InlineData("{\"vector\":null}\n", "line 1: field 'vector' is null")]
    [InlineData("[1]\n[-1e39]\n", "line 2: vector[0] is -1e39, out of the range of float32; a component must be at most 3.4028235E+38 in magnitude")]
    [InlineData("[1]\n{\"vector\":[1}\n", "line 2, byte 12: '}' is invalid without a matching open")]
    [InlineData("[]\n", "the first vector's length is 0; a dimension is from 1 to 65536")]
    public void Damaged_json_lines_are_refused_with_the_line(string text, string message) => AssertRefused(Write("v.jsonl", text), message);

    [Fact]
    public void A_torn_fvecs_file_is_refused_with_its_sizes()
    {
        string path = _vectors.WriteFvecs(_directory.File("v.fvecs"));
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..^1]);
        AssertRefused(path, "is truncated or damaged: rows of 3 components take 16 bytes, and the file has 9 whole rows and 15 bytes more");
        File.WriteAllBytes(path, whole[..3]);
        AssertRefused(path, "has 3 bytes: no row fits into them");
        File.WriteAllBytes(path, []);
        AssertRefused(path, "is empty: it holds no vector");
        File.WriteAllBytes(path, [0, 0, 0, 0]);
        AssertRefused(path, "the component count of row 0 is 0");
        File.WriteAllBytes(path, [255, 255, 255, 255]);
        AssertRefused(path, "the component count of row 0 is -1; a dimension is from 1 to 65536. Is the file what its extension says?");
        whole[16] = 2;
        File.WriteAllBytes(path, whole);
        AssertRefused(path, "row 1 at byte 16 has 2 components, the first row has 3");
    }

    [Fact]
    public void A_damaged_npy_file_is_refused_with_what_is_wrong()
    {
        string path = _vectors.WriteNpy(_directory.File("v.npy"));
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..^1]);
        AssertRefused(path, "10 rows of 12 bytes were expected after the header, found 119 bytes; the file is truncated: save or copy it again");
        File.WriteAllBytes(path, whole[..20]);
        AssertRefused(path, "the .npy header says that it has 116 bytes, more than the file has or any array needs (65536): the file is truncated or damaged");
        File.WriteAllBytes(path, []);
        AssertRefused(path, "is empty: it holds no vector");
        File.WriteAllBytes(path, [.. whole, 0]);
        AssertRefused(path, "10 rows of 12 bytes were expected after the header, found 121 bytes; the file has more than one array, or is damaged");
        File.WriteAllBytes(path, whole[..5]);
        AssertRefused(path, "does not start like an .npy file");
        whole[6] = 9;
        File.WriteAllBytes(path, whole);
        AssertRefused(path, ".npy format version 9 is unknown");
        AssertRefused(_vectors.WriteNpy(path, type: ">f4"), "the array's type is '>f4'; known are little-endian float16, float32 and float64 (<f2, <f4, <f8): save it with numpy.save(path, array.astype('<f4'))");
        AssertRefused(_vectors.WriteNpy(path, order: "True"), "Fortran order; save it in C order");
        AssertRefused(new TestVectors(0, []).WriteNpy(path), "the second dimension of the array is 0");
    }

    [Fact]
    public void A_float64_that_no_float32_is_near_is_named_with_its_row_and_value()
    {
        string path = new TestVectors(2, [[1, 2], [3, 4]]).WriteNpy(_directory.File("v.npy"), "<f8");
        byte[] whole = File.ReadAllBytes(path);
        BitConverter.GetBytes(-1e39).CopyTo(whole, whole.Length - sizeof(double));
        File.WriteAllBytes(path, whole);
        AssertRefused(path, "row 1: component 1 is -1E+39, out of the range of float32; a component must be at most 3.4028235E+38 in magnitude");
    }

    [Fact]
    public void A_number_too_small_for_a_float32_is_not_taken_for_zero()
    {
        string path = new TestVectors(2, [[0, 0]]).WriteNpy(_directory.File("v.npy"), "<f8");
        byte[] whole = File.ReadAllBytes(path);
        BitConverter.GetBytes(-1e-60).CopyTo(whole, whole.Length - sizeof(double));
        File.WriteAllBytes(path, whole);
        foreach (string small in (string[])[path, Write("v.jsonl", "[0,1e-60]\n"), Write("w.jsonl", "{\"vector\":[-1e-400,0]}\n")])
        {
            VectorFileException refused = Assert.Throws<VectorFileException>(() =>
            {
                using VectorFile file = VectorFile.Open(small);
                file.ReadBatch(1);
            });
            Assert.Contains("the vector is not zero, but all of its components round to zero", refused.Message);
        }
        // Beside another component it is zero: to cosine, any replacement would be a direction.
        BitConverter.GetBytes(-1e-45).CopyTo(whole, whole.Length - 2 * sizeof(double));
        File.WriteAllBytes(path, whole);
        foreach (string beside in (string[])[path, Write("x.jsonl", "[-1e-45,-1e-60]\n")])
        {
            using VectorFile file = VectorFile.Open(beside);
            Assert.Equal([-float.Epsilon, 0], file.ReadBatch(1)!.Row(0).ToArray());
        }
        using VectorFile zeros = VectorFile.Open(Write("zeros.jsonl", "[0,-0.0]\n[0.0,0e-60]"));
        Assert.Null(zeros.ReadBatch(2)!.FirstRefused(zeros.Path, new EngineSchema(2)));
    }

    [Fact]
    public void An_npy_array_without_rows_is_an_empty_file()
    {
        using VectorFile file = VectorFile.Open(new TestVectors(3, []).WriteNpy(_directory.File("v.npy")));
        Assert.Equal((3, 0L), (file.Dimension, file.RowCount));
        Assert.Null(file.ReadBatch(10));
    }

    [Fact]
    public void Damaged_ground_truth_is_refused_with_the_row()
    {
        string path = _directory.File("t.ivecs");
        File.WriteAllBytes(path, [1, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 6, 0, 0, 0]);
        VectorFileException e = Assert.Throws<VectorFileException>(() => IvecsFile.ReadAll(path));
        Assert.Equal($"{path}: row 1 at byte 8 counts 2 ids, but 1 are left in the file: it is truncated, or not an .ivecs file", e.Message);
        File.WriteAllBytes(path, [1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal([[5], []], IvecsFile.ReadAll(path));
        File.WriteAllBytes(path, [2, 0, 0, 0, 5, 0, 0, 0, 255, 255, 255, 255]);
        e = Assert.Throws<VectorFileException>(() => IvecsFile.ReadAll(path));
        Assert.Equal($"{path}: row 0: id 1 is -1; an id is at least 0", e.Message);
    }

    [Fact]
    public void A_batch_of_an_import_fits_memory_and_the_engine_s_limit_in_every_dimension()
    {
        using VectorFile small = VectorFile.Open(_vectors.WriteFvecs(_directory.File("small.fvecs")));
        Assert.Equal(1000, ImportCommand.BatchRows(0, small, 64 << 20));
        Assert.Equal(7, ImportCommand.BatchRows(7, small, 64 << 20));
        Assert.Equal(10, ImportCommand.BatchRows(int.MaxValue, small, 64 << 20));
        using VectorFile wide = VectorFile.Open(TestVectors.Random(Seed, 1, 65_536).WriteJsonLines(_directory.File("wide.jsonl")));
        Assert.Equal(127, ImportCommand.BatchRows(0, wide, 64 << 20));
        VectorFileException e = Assert.Throws<VectorFileException>(() => ImportCommand.BatchRows(10_000, wide, 64 << 20));
        Assert.Equal("--batch is 10000; with 65536 components a vector it must be at most 8191", e.Message);
    }

    private void AssertReads(string path)
    {
        output.WriteLine($"seed {Seed}");
        using VectorFile file = VectorFile.Open(path);
        Assert.Equal(3, file.Dimension);
        List<float> components = [];
        List<int> batches = [];
        while (file.ReadBatch(4) is { } rows)
        {
            Assert.Equal(components.Count / 3, rows.FirstRow);
            Assert.All(rows.Tags, tag => Assert.Equal(0UL, tag));
            components.AddRange(rows.Components);
            batches.Add(rows.Count);
        }
        Assert.Equal([4, 4, 2], batches);
        Assert.Equal(_vectors.Rows.SelectMany(row => row), components);
    }

    private static void AssertRefused(string path, string message)
    {
        VectorFileException e = Assert.Throws<VectorFileException>(() =>
        {
            using VectorFile file = VectorFile.Open(path);
            while (file.ReadBatch(100) is not null) { }
        });
        Assert.StartsWith(path, e.Message);
        Assert.Contains(message, e.Message);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_directory.File(name), text);
        return _directory.File(name);
    }
}
