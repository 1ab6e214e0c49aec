using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.VectorData;
using Valori.VectorData.Engines;
using Valori.VectorData.Tests.Support;

namespace Valori.VectorData.Tests;

/// <summary>Stores and collections come from a service provider.</summary>
public sealed class ServicesTests
{
    public static TheoryData<ServiceLifetime, object?> Registrations => new()
    {
        { ServiceLifetime.Singleton, null }, { ServiceLifetime.Scoped, null }, { ServiceLifetime.Transient, null },
        { ServiceLifetime.Singleton, "key" }, { ServiceLifetime.Scoped, "key" }, { ServiceLifetime.Transient, 8 },
    };

    [Theory]
    [MemberData(nameof(Registrations))]
    public void A_store_and_a_collection_are_there_as_what_they_are_with_their_lifetime(ServiceLifetime lifetime, object? key)
    {
        ServiceCollection services = new();
        services.AddKeyedValoriVectorStore(key, o => o.DataDirectory = "never opened", lifetime).AddKeyedValoriCollection<string, Note<string>>(key, "Notes", lifetime: lifetime);
        using ServiceProvider provider = services.BuildServiceProvider();
        Check<ValoriVectorStore>();
        Check<VectorStore>();
        Check<ValoriCollection<string, Note<string>>>();
        Check<VectorStoreCollection<string, Note<string>>>();
        Check<IVectorSearchable<Note<string>>>();
        Assert.Null(provider.GetService<IKeywordHybridSearchable<Note<string>>>());
        Assert.False(Directory.Exists("never opened"));

        void Check<T>()
            where T : class
        {
            using IServiceScope first = provider.CreateScope(), second = provider.CreateScope();
            T one = Get(first), other = Get(second), again = Get(second);
            Assert.Equal(lifetime == ServiceLifetime.Singleton, ReferenceEquals(one, other));
            Assert.Equal(lifetime != ServiceLifetime.Transient, ReferenceEquals(other, again));

            T Get(IServiceScope scope) => key is null ? scope.ServiceProvider.GetRequiredService<T>() : scope.ServiceProvider.GetRequiredKeyedService<T>(key);
        }
    }

    [Fact]
    public void What_is_not_given_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddValoriVectorStore());
        Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddKeyedValoriVectorStore("key"));
        Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddValoriCollection<string, Note<string>>("notes"));
        Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddValoriCollection<string, Note<string>>(null!));
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddKeyedValoriCollection<string, Note<string>>("key", ""));
        Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddValoriVectorStore((Action<IServiceProvider, ValoriVectorStoreOptions>)null!));
        using ServiceProvider none = new ServiceCollection().AddValoriVectorStore().BuildServiceProvider();
        Assert.Contains(nameof(ActorSystem), Assert.Throws<InvalidOperationException>(() => none.GetRequiredService<VectorStore>()).Message);
    }

    [Fact]
    public async Task All_of_a_provider_share_a_directory_which_it_closes()
    {
        using TemporaryDirectory directory = new();
        ServiceCollection services = new();
        services.AddSingleton(new Place(directory.Path));
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(new FakeGenerator());
        services.AddValoriVectorStore((provider, options) => options.DataDirectory = provider.GetRequiredService<Place>().Directory, ServiceLifetime.Transient);
        services.AddValoriCollection<int, Texts>("texts");
        services.AddKeyedValoriCollection<int, Texts>("other", "texts", o => o.DataDirectory = Path.Combine(directory.Path, "..", Path.GetFileName(directory.Path)) + "/");
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            var texts = provider.GetRequiredService<VectorStoreCollection<int, Texts>>();
            await texts.EnsureCollectionExistsAsync();
            await texts.UpsertAsync(new Texts { Key = 1, Vector = "1 2" });
            Assert.Equal(1, (await provider.GetRequiredKeyedService<IVectorSearchable<Texts>>("other").SearchAsync("1 2", 1).SingleAsync()).Record.Key);
            Assert.True(await provider.GetRequiredService<VectorStore>().CollectionExistsAsync("texts"));
        }
        using (ServiceProvider provider = services.BuildServiceProvider()) Assert.NotNull(await provider.GetRequiredService<ValoriCollection<int, Texts>>().GetAsync(1));
    }

    [Fact]
    public void A_configuration_without_a_directory_is_refused()
    {
        ServiceCollection services = new();
        services.AddValoriVectorStore(o => o.Configuration = Slow("1s")).AddKeyedValoriVectorStore("good", o => o.DataDirectory = "never opened");
        services.AddKeyedValoriCollection<string, Note<string>>("good", "notes", o => o.Configuration = Slow("1s"));
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.StartsWith("ValoriVectorStoreOptions.Configuration is set, and DataDirectory is not", Assert.Throws<ArgumentException>(() => provider.GetRequiredService<VectorStore>()).Message);
        Assert.StartsWith("ValoriCollectionOptions.Configuration is set, and DataDirectory is not",
            Assert.Throws<ArgumentException>(() => provider.GetRequiredKeyedService<ValoriCollection<string, Note<string>>>("good")).Message);
    }

    [Fact]
    public void A_directory_has_one_configuration()
    {
        ServiceCollection services = new();
        services.AddValoriVectorStore(o => (o.DataDirectory, o.Configuration) = ("never opened", Slow("1s")), ServiceLifetime.Transient);
        services.AddKeyedValoriVectorStore("none", o => o.DataDirectory = "never opened");
        services.AddKeyedValoriVectorStore("another", o => (o.DataDirectory, o.Configuration) = ("never opened/", Slow("2s")));
        using (ServiceProvider provider = services.BuildServiceProvider())
        {
            StoreEngines first = provider.GetRequiredService<ValoriVectorStore>().Engines;
            Assert.Same(first, provider.GetRequiredService<ValoriVectorStore>().Engines);
            Assert.Same(first, provider.GetRequiredKeyedService<ValoriVectorStore>("none").Engines);
            Assert.Contains("'never opened/' was first asked for, which was another", Assert.Throws<ArgumentException>(() => provider.GetRequiredKeyedService<VectorStore>("another")).Message);
        }
        using (ServiceProvider provider = services.BuildServiceProvider())
        {
            provider.GetRequiredKeyedService<ValoriVectorStore>("none");
            Assert.Contains("'never opened' was first asked for, which was none", Assert.Throws<ArgumentException>(() => provider.GetRequiredService<VectorStore>()).Message);
        }
    }

    /// <summary>It reaches the system that the store starts: one that is wrong is refused by its name.</summary>
    [Fact]
    public async Task A_configuration_is_that_of_the_system_of_the_directory()
    {
        using TemporaryDirectory directory = new();
        ServiceCollection services = new();
        services.AddValoriVectorStore(o => (o.DataDirectory, o.Configuration) = (directory.Path, Slow("-1s")));
        await using ServiceProvider provider = services.BuildServiceProvider();
        Exception e = await Assert.ThrowsAnyAsync<Exception>(() => provider.GetRequiredService<VectorStore>().CollectionExistsAsync("notes"));
        Assert.Contains("storage-answer-timeout", e.ToString());
    }

    [Fact]
    public async Task A_collection_has_the_generator_of_its_store()
    {
        using TemporaryDirectory directory = new();
        ServiceCollection services = new();
        services.AddValoriVectorStore(o => (o.DataDirectory, o.EmbeddingGenerator) = (directory.Path, new FakeGenerator())).AddValoriCollection<int, Texts>("texts");
        await using ServiceProvider provider = services.BuildServiceProvider();
        var texts = provider.GetRequiredService<VectorStoreCollection<int, Texts>>();
        await texts.EnsureCollectionExistsAsync();
        await texts.UpsertAsync(new Texts { Key = 1, Vector = "1 2" });
        Assert.Equal(1, (await texts.SearchAsync("1 2", 1).SingleAsync()).Record.Key);
    }

    [Fact]
    public async Task Without_a_directory_the_engines_are_those_of_the_application()
    {
        using TemporaryDirectory directory = new();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddAkka("app", akka => akka.WithValori(directory.Path));
        builder.Services.AddValoriVectorStore().AddValoriCollection<string, Note<string>>("notes");
        using IHost host = builder.Build();
        await host.StartAsync();
        VectorStoreCollection<string, Note<string>> notes = host.Services.GetRequiredService<VectorStoreCollection<string, Note<string>>>();
        await notes.EnsureCollectionExistsAsync();
        await notes.UpsertAsync(Note<string>.Of("a", 7));
        ValoriEngine engine = await ValoriExtension.Get(host.Services.GetRequiredService<ActorSystem>()).OpenAsync("notes");
        Assert.Equal(7, (await engine.GetRecordAsync((RecordKey)"a"!)).Fields["number"].AsInt64());
        await host.StopAsync();
    }

    private static Config Slow(string timeout) => ConfigurationFactory.ParseString($"valori.storage-answer-timeout = {timeout}");

    private sealed record Place(string Directory);

    private sealed class Texts
    {
        [VectorStoreKey] public int Key { get; set; }
        [VectorStoreVector(2)] public string? Vector { get; set; }
    }
}
