namespace Valori.Host.Tests.Support;

/// <summary>
/// The siftsmall data set (http://corpus-texmex.irisa.fr): 10,000 vectors of 128 components, 100 queries, the true nearest
/// 100 of each. Found in VALORI_SIFTSMALL or in shared/data/siftsmall of a directory above; tests are skipped without it.
/// </summary>
internal static class Siftsmall
{
    private static readonly string? Found = Find();

    public static string Base => FileOf("siftsmall_base.fvecs");

    public static string Queries => FileOf("siftsmall_query.fvecs");

    public static string Truth => FileOf("siftsmall_groundtruth.ivecs");

    private static string FileOf(string name)
    {
        Skip.If(Found is null, "siftsmall is not here: set VALORI_SIFTSMALL to its directory (http://corpus-texmex.irisa.fr)");
        return Path.Combine(Found!, name);
    }

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable("VALORI_SIFTSMALL");
        if (!string.IsNullOrEmpty(named)) return Directory.Exists(named) ? named : null;
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string candidate = Path.Combine(directory.FullName, "shared", "data", "siftsmall");
            if (Directory.Exists(candidate)) return candidate;
        }
        return null;
    }
}
