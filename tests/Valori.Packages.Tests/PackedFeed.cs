using System.Security;

namespace Valori.Packages.Tests;

/// <summary>The packages of this build in a directory of their own, with a cache of its own beside it.</summary>
public sealed class PackedFeed : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _root = new();
    private readonly Dictionary<string, string> _environment = [];

    /// <summary>Where the packages are.</summary>
    internal string Directory => PathOf("feed");

    internal string Version { get; private set; } = "";

    public async Task InitializeAsync()
    {
        await Command.RunAsync(
            Repository.Root, _environment, "dotnet", "pack", "Valori.sln", "-c", Repository.Configuration, "--no-build", "-o", Directory, "-v", "quiet", "-nodeReuse:false");
        Version = Path.GetFileNameWithoutExtension(System.IO.Directory.GetFiles(Directory, "Valori.Kernel.*.nupkg").Single())["Valori.Kernel.".Length..];

        // What the machine has already need not be fetched, but a Valori of before must not be taken for this one.
        string known = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        System.IO.Directory.CreateDirectory(PathOf("known"));
        foreach (string package in System.IO.Directory.EnumerateDirectories(known).Where(package => !Path.GetFileName(package).StartsWith("valori", StringComparison.OrdinalIgnoreCase)))
            System.IO.Directory.CreateSymbolicLink(PathOf($"known/{Path.GetFileName(package)}"), package);
        _environment["NUGET_PACKAGES"] = PathOf("packages");
        Write("NuGet.Config", $"""
            <configuration>
              <packageSources><add key="valori-local" value="{SecurityElement.Escape(Directory)}" /></packageSources>
              <fallbackPackageFolders><add key="machine" value="{SecurityElement.Escape(PathOf("known"))}" /></fallbackPackageFolders>
            </configuration>
            """);
        // The repository's own properties, if it is above the temporary directory, are not the programs'.
        Write("Directory.Build.props", "<Project />");
        Write("Directory.Packages.props", "<Project />");
    }

    internal string PathOf(string path) => Path.Combine(_root.Path, path);

    /// <summary>The ids of the packages, in order.</summary>
    internal string[] Packages(string pattern) =>
        [.. System.IO.Directory.GetFiles(Directory, pattern).Select(path => Path.GetFileNameWithoutExtension(path)[..^(Version.Length + 1)]).Order(StringComparer.Ordinal)];

    internal void Write(string path, string text)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), text);
    }

    internal Task<string> RunAsync(string directory, string program, params string[] arguments) => Command.RunAsync(PathOf(directory), _environment, program, arguments);

    internal Command Start(string directory, string program, params string[] arguments) => Command.Start(PathOf(directory), _environment, program, arguments);

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _root.Dispose();
}
