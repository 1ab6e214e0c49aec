using Valori.Host.Files;

namespace Valori.Host.Tests.VectorFiles;

/// <summary>Headers of .npy files: what NumPy reads is read, and what is refused says why.</summary>
public sealed class NpyHeaderTests
{
    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }")]
    [InlineData("{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (3, 2)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3L, 2L), }    \n")]
    [InlineData("{ 'shape' : ( 3,2, ) ,'fortran_order':False,\n'descr':\"<f4\" }")]
    public void Every_notation_that_numpy_reads_is_read(string text)
    {
        NpyHeader header = NpyHeader.Parse("v.npy", text);
        Assert.Equal(("<f4", false), (header.Type, header.IsFortranOrder));
        Assert.Equal([3L, 2], header.Shape);
    }

    [Fact]
    public void Other_shapes_and_orders_are_told()
    {
        NpyHeader header = NpyHeader.Parse("v.npy", "{'descr': 'f8', 'fortran_order': True, 'shape': (), }");
        Assert.Equal(("f8", true), (header.Type, header.IsFortranOrder));
        Assert.Empty(header.Shape);
        Assert.Equal([7L], NpyHeader.Parse("v.npy", "{'descr': 'f8', 'fortran_order': True, 'shape': (7,), }").Shape);
    }

    [Theory]
    [InlineData("", "the .npy header has its end at character 0; expected '{'")]
    [InlineData("{'descr': '<f4'", "has its end at character 15; expected '}'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "has no field 'shape'")]
    [InlineData("{'descr': '<f4', 'shape': (1, 2)}", "has no field 'fortran_order'")]
    [InlineData("{'fortran_order': False, 'shape': (1, 2)}", "has no field 'descr'")]
    [InlineData("{'descr': '<f4', 'descr': '<f8'}", "has the field 'descr' twice")]
    [InlineData("{'descr': '<f4', 'order': 'C'}", "has an unknown field 'order'; known are descr, fortran_order and shape")]
    [InlineData("{'descr': [('x', '<f4'), ('y', '<f4')], 'fortran_order': False}", "the array's type is structured, [('x', '<f4'), ('y', '<f4')]")]
    [InlineData("{'descr': '<f4}", "has ''' at character 10; expected a text in quotes")]
    [InlineData("{'fortran_order': 0}", "has fortran_order 0; it must be True or False")]
    [InlineData("{'shape': (-1, 2)}", "has '-1' in the shape; expected whole numbers")]
    [InlineData("{'shape': (99999999999999999999, 2)}", "has '99999999999999999999' in the shape")]
    [InlineData("{'shape': (1 2)}", "has '2' at character 13; expected ')'")]
    [InlineData("{'shape': [1, 2]}", "has '[' at character 10; expected '('")]
    [InlineData("{'shape' (1, 2)}", "has '(' at character 9; expected ':'")]
    [InlineData("{'descr': 'f4', 'fortran_order': False, 'shape': (1, 2)} x", "goes on with 'x' after its end")]
    public void Other_headers_are_refused_with_the_place(string text, string message)
    {
        VectorFileException e = Assert.Throws<VectorFileException>(() => NpyHeader.Parse("v.npy", text));
        Assert.StartsWith("v.npy: ", e.Message);
        Assert.Contains(message, e.Message);
    }
}
