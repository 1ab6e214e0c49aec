namespace Valori.Host.Files;

/// <summary>Why a file that was named cannot be read, without its path, which .NET's messages repeat.</summary>
internal static class FileFailure
{
    /// <param name="path">Of the file.</param>
    /// <param name="e">What reading it threw.</param>
    public static string ReasonOf(string path, Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException when Directory.Exists(path) => "it is a directory",
        UnauthorizedAccessException => "this user may not read it",
        _ => e.Message,
    };
}
