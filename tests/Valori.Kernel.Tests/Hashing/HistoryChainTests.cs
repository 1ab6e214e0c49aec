using System.Text.Json;

namespace Valori.Kernel.Tests.Hashing;

public sealed class HistoryChainTests
{
    [Fact]
    public void The_chain_is_the_golden_one()
    {
        Digest chain = HistoryChain.Start;
        int links = 0;
        foreach (JsonElement golden in Golden.Json("history_chain.json").EnumerateArray())
        {
            Assert.True(Digest.TryParse(golden.GetProperty("state_hash").GetString(), out Digest stateHash));
            chain = HistoryChain.Extend(
                chain, golden.GetProperty("sequence_nr").GetInt64(), golden.GetProperty("unix_micros").GetInt64(), stateHash);
            Assert.Equal(golden.GetProperty("chain").GetString(), chain.ToString());
            links++;
        }
        Assert.True(links >= 3, $"only {links} links");
    }

    /// <summary>Frozen: if this changes, every journal in the world is refused.</summary>
    [Fact]
    public void The_state_hash_of_an_empty_engine_never_changes() =>
        Assert.Equal("64e8ea41d7bdd9f64b86acef1db979e7524d84c4d8dfa0a59d3cf25a76a8c9c3", new ValoriKernel(8).StateHash.ToString());
}
