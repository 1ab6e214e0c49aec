using System.Text.Json;

namespace Valori.Packages.Tests;

/// <summary>What a package brings with it, from what the restore resolved.</summary>
public sealed class ClosureTests
{
    private static readonly string[] Unneeded = ["System.Drawing.Common", "System.Security.Permissions", "System.Windows.Extensions", "Microsoft.Win32.SystemEvents"];

    [Theory]
    [InlineData("Valori.Kernel")]
    [InlineData("Valori.Actors")]
    [InlineData("Valori.PostgreSql")]
    [InlineData("Valori.VectorData")]
    [InlineData("Valori.Host")]
    public void No_package_that_nobody_needs_is_in_the_closure(string project)
    {
        IReadOnlyDictionary<string, JsonElement> packages = ResolvedIn(Repository.PathOf("src", project, "obj", "project.assets.json"));
        Assert.NotEmpty(packages);
        Assert.Equal([], Unneeded.Intersect(packages.Keys));
    }

    [Fact]
    public void The_kernel_needs_no_actors()
    {
        IReadOnlyDictionary<string, JsonElement> packages = ResolvedIn(Repository.PathOf("src", "Valori.Kernel", "obj", "project.assets.json"));
        Assert.Equal(["Blake3", "Superpower", "System.Numerics.Tensors"], packages.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>The packages of a project by name, its own dependencies and theirs.</summary>
    public static IReadOnlyDictionary<string, JsonElement> ResolvedIn(string assetsFile)
    {
        using JsonDocument assets = JsonDocument.Parse(File.ReadAllText(assetsFile));
        return assets.RootElement.GetProperty("targets").EnumerateObject().First().Value.EnumerateObject()
            .Where(package => package.Value.GetProperty("type").GetString() == "package")
            .ToDictionary(package => package.Name.Split('/')[0], package => package.Value.Clone(), StringComparer.OrdinalIgnoreCase);
    }
}
