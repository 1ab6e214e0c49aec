namespace Valori.Packages.Tests;

/// <summary>Where the sources are, and how these tests were built.</summary>
internal static class Repository
{
    /// <summary>The directory of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Release or Debug: what is packed and run is of the same build.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (string? directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Valori.sln"))) return directory;
        }
        throw new InvalidOperationException($"no directory above {AppContext.BaseDirectory} has Valori.sln");
    }
}
