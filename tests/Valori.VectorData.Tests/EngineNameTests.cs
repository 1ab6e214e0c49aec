using Valori.VectorData.Engines;

namespace Valori.VectorData.Tests;

public sealed class EngineNameTests
{
    /// <summary>Collections are found by these names: if one of them changes, compatibility is broken.</summary>
    [Theory]
    [InlineData("notes", "notes")]
    [InlineData("2026-notes_of_ada", "2026-notes_of_ada")]
    [InlineData("Notes", "vd--_notes")]
    [InlineData("ChatHistory", "vd--_chat_history")]
    [InlineData("_notes", "vd--__notes")]
    [InlineData("my notes.v1", "vd--my_020notes_02ev1")]
    [InlineData("Nötes", "vd--_n_0c3_0b6tes")]
    [InlineData("-", "vd---")]
    [InlineData("vd--notes", "vd--vd--notes")]
    public void A_name_becomes_an_engine_s_and_comes_back(string name, string engine)
    {
        Assert.Equal(engine, EngineNames.Of(name));
        Assert.Equal(name, EngineNames.CollectionOf(engine));
    }

    [Theory]
    [InlineData("vd--")]
    [InlineData("vd--notes")]
    [InlineData("vd--a_")]
    [InlineData("vd--a_0g")]
    [InlineData("vd--_041")]
    [InlineData("default")]
    public void An_engine_that_VectorData_did_not_name_is_listed_by_its_own_name(string engine) => Assert.Equal(engine, EngineNames.CollectionOf(engine));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void No_two_names_become_the_same(int seed)
    {
        Random random = new(seed);
        const string Characters = "aAzZ_-09xX é.";
        Dictionary<string, string> names = [];
        for (int i = 0; i < 5_000; i++)
        {
            string name = new([.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => Characters[random.Next(Characters.Length)])]);
            string engine = EngineNames.Of(name);
            Assert.True(names.TryAdd(engine, name) || names[engine] == name, $"seed {seed}: '{name}' and '{names[engine]}' are both {engine}");
            Assert.Equal(name, EngineNames.CollectionOf(engine));
        }
    }
}
