using Valori.Host.Files;

namespace Valori.Host.Tests.VectorFiles;

/// <summary>Small files as users have them: read as NumPy reads them, or refused with file, place and reason.</summary>
public sealed class FieldCaseTests
{
    private static readonly float[] Expected = [1, 0, 0, 0, 1, 0, 0.5f, 0.25f, 0.125f];

    [Theory]
    [InlineData("hdr_py2long.npy")]
    [InlineData("hdr_dq.npy")]
    [InlineData("hdr_eq.npy")]
    [InlineData("f2.npy")]
    public void What_numpy_reads_is_read(string name)
    {
        using VectorFile file = VectorFile.Open(PathOf(name));
        Assert.Equal((3, 3L), (file.Dimension, file.RowCount));
        Assert.Equal(Expected, file.ReadBatch(10)!.Components);
    }

    [Theory]
    [InlineData("be_f4.npy", ": the array's type is '>f4'; known are little-endian float16, float32 and float64")]
    [InlineData("u1.npy", ": the array's type is '|u1'; known are")]
    [InlineData("i1.npy", ": the array's type is '|i1'; known are")]
    [InlineData("fortran.npy", ": the array is in Fortran order; save it in C order, with numpy.save(path, numpy.ascontiguousarray(array))")]
    [InlineData("ok.bvecs", ": unknown extension '.bvecs' (rows of uint8); known are .fvecs, .npy and .jsonl")]
    [InlineData("ok.fbin", ": unknown extension '.fbin' (float32 after one header); known are")]
    [InlineData("tiny_truth.ivecs", ": unknown extension '.ivecs' (rows of int32, as search --truth reads them); known are")]
    [InlineData("dup.jsonl", ": line 1: field 'vector' appears more than once")]
    [InlineData("openai.jsonl", ": line 1: unknown field 'object'; a line takes vector, tag")]
    [InlineData("line3nan.jsonl", ": line 4: vector[1] is 1e39, out of the range of float32;")]
    [InlineData("nan1234.npy", ": row 1234: component 2 is NaN, which is not finite")]
    [InlineData("tiny_base.npy", ": row 0: the vector is not zero, but all of its components round to zero: the largest, component 0, is 5E-06,")]
    [InlineData("tiny_query.npy", ": row 0: the vector is not zero, but all of its components round to zero: the largest, component 3, is 5E-06,")]
    public void What_is_not_read_is_refused_with_file_place_and_reason(string name, string message)
    {
        string path = PathOf(name);
        VectorFileException e = Assert.Throws<VectorFileException>(() =>
        {
            using VectorFile file = VectorFile.Open(path);
            while (file.ReadBatch(100) is { } rows)
            {
                if (rows.FirstRefused(path, new EngineSchema(file.Dimension)) is { } refused) throw refused;
            }
        });
        Assert.StartsWith(path + message, e.Message);
    }

    internal static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "VectorFiles", "cases", name);
}
