using Valori.Kernel.Proximity;
using Valori.Protocol;

namespace Valori.Kernel.Tests.Search.Proximity;

/// <summary>A graph comes back from its bytes as it was, and damaged bytes are refused with the place.</summary>
public sealed class ProximityFileTests
{
    [Theory]
    [InlineData(0, Metric.L2)]
    [InlineData(1, Metric.Cosine)]
    [InlineData(700, Metric.Dot)]
    public void A_graph_that_was_written_is_read_again(int count, Metric metric)
    {
        ValoriKernel kernel = new(new EngineSchema(20, metric));
        if (count > 0) kernel.Apply(new InsertRecords(AdversarialRows.Normalised(new NearRows("clustered", 20, seed: 1).Rows(count, 1)), new ulong[count]));
        View view = kernel.TakeView();
        ProximityGraph graph = ProximityGraphTests.Build(view);
        byte[] bytes = ProximityGraphTests.Bytes(graph);
        ProximityGraph read = ProximityFile.Read(new MemoryStream(bytes), "test");
        Assert.Equal((graph.Digest, graph.StateHash, graph.Boundary, graph.Schema, graph.Parameters), (read.Digest, read.StateHash, read.Boundary, read.Schema, read.Parameters));
        Assert.Equal(view.StateHash, read.StateHash);
        Assert.Equal(bytes, ProximityGraphTests.Bytes(read));
        Assert.NotNull(view.IndexWith(read));
    }

    [Fact]
    public void A_flipped_bit_at_any_place_is_found()
    {
        byte[] bytes = ProximityGraphTests.Bytes(new NearRows("clustered", 5, seed: 2).Kernel(40).TakeView());
        for (int place = 0; place < bytes.Length; place++)
        {
            byte[] damaged = (byte[])bytes.Clone();
            damaged[place] ^= (byte)(1 << (place % 8));
            CorruptionException e = Assert.Throws<CorruptionException>(() => ProximityFile.Read(new MemoryStream(damaged), "the file"));
            Assert.Equal("the file", e.Place);
            Assert.InRange(e.Position, 0, bytes.Length);
        }
    }

    [Fact]
    public void Bytes_that_are_missing_or_too_many_are_found()
    {
        byte[] bytes = ProximityGraphTests.Bytes(new NearRows("clustered", 5, seed: 3).Kernel(40).TakeView());
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<CorruptionException>(() => ProximityFile.Read(new MemoryStream(bytes[..length]), "test"));
        Assert.Throws<CorruptionException>(() => ProximityFile.Read(new MemoryStream([.. bytes, 0]), "test"));
    }

    [Fact]
    public void A_graph_of_another_collection_is_refused()
    {
        View view = new NearRows("clustered", 5, seed: 4).Kernel(40).TakeView();
        ProximityGraph graph = ProximityGraphTests.Build(view);
        Assert.NotNull(view.IndexWith(graph));
        Assert.Null(new NearRows("clustered", 5, seed: 4).Kernel(39).TakeView().IndexWith(graph));
        Assert.Null(new NearRows("clustered", 6, seed: 4).Kernel(40).TakeView().IndexWith(graph));
        ValoriKernel other = new NearRows("clustered", 5, seed: 4).Kernel(41);
        NearRows.Delete(other, [40]);
        Assert.NotNull(other.TakeView().IndexWith(graph));
    }
}
