using System.Reflection;
using PublicApiGenerator;

namespace Valori.Packages.Tests;

/// <summary>The public API of each package is what was approved: it changes only on purpose.</summary>
public sealed class PublicApiTests
{
    // The compiler numbers these types: a private member would change the text.
    private static readonly ApiGeneratorOptions Options = new()
    {
        IncludeAssemblyAttributes = false,
        ExcludeAttributes = ["System.Runtime.CompilerServices.AsyncIteratorStateMachineAttribute", "System.Runtime.CompilerServices.IteratorStateMachineAttribute"],
    };

    /// <summary>If a change is meant, run this test with VALORI_APPROVE=1: it writes the texts. Commit them with the change.</summary>
    [Theory]
    [InlineData("Valori.Kernel", "Valori.Kernel")]
    [InlineData("Valori", "Valori.Actors")]
    [InlineData("Valori.PostgreSql", "Valori.PostgreSql")]
    [InlineData("Valori.VectorData", "Valori.VectorData")]
    public void The_public_api_is_the_approved_one(string package, string assembly)
    {
        string path = Repository.PathOf("tests", "Valori.Packages.Tests", "PublicApi", $"{package}.txt");
        string found = Assembly.Load(assembly).GeneratePublicApi(Options).ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("VALORI_APPROVE") == "1") File.WriteAllText(path, found);
        string difference = Difference(File.Exists(path) ? File.ReadAllText(path) : "", found);
        Assert.True(
            difference.Length == 0,
            $"the public API of the package {package} changed (- approved, + found):\n{difference}\nIf that is meant: VALORI_APPROVE=1 dotnet test tests/Valori.Packages.Tests --filter PublicApi, and commit {Path.GetRelativePath(Repository.Root, path)}");
    }

    [Fact]
    public void A_difference_has_the_lines_that_went_and_came_with_the_type_around_them()
    {
        Assert.Equal("", Difference("a {\n  b\n}\n", "a {\n  b\n}\n"));
        Assert.Equal("  class A\n-   int B()\n+   int B(int c)", Difference("class A\n  int B()\n  int C()\nclass D\n", "class A\n  int B(int c)\n  int C()\nclass D\n"));
        Assert.Equal("+ class E", Difference("class A\n", "class A\nclass E\n"));
    }

    /// <summary>The lines that only one of the two has; before them, the last one above that is indented less.</summary>
    private static string Difference(string approved, string found)
    {
        string[] before = approved.Split('\n', StringSplitOptions.RemoveEmptyEntries), after = found.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // common[i, j]: the longest common subsequence of what follows line i and line j. The texts differ in few lines, so both ends are cut.
        int start = 0, end = 0;
        while (start < Math.Min(before.Length, after.Length) && before[start] == after[start]) start++;
        while (end < Math.Min(before.Length, after.Length) - start && before[^(end + 1)] == after[^(end + 1)]) end++;
        int[,] common = new int[before.Length - end - start + 1, after.Length - end - start + 1];
        for (int i = before.Length - end - 1; i >= start; i--)
        {
            for (int j = after.Length - end - 1; j >= start; j--)
                common[i - start, j - start] = before[i] == after[j] ? common[i - start + 1, j - start + 1] + 1 : Math.Max(common[i - start + 1, j - start], common[i - start, j - start + 1]);
        }
        List<string> lines = [];
        string? heading = null;
        for (int i = start, j = start; i < before.Length - end || j < after.Length - end;)
        {
            if (i < before.Length - end && j < after.Length - end && before[i] == after[j]) (i, j) = (i + 1, j + 1);
            else if (j == after.Length - end || i < before.Length - end && common[i - start + 1, j - start] >= common[i - start, j - start + 1]) Add('-', before, i++);
            else Add('+', after, j++);
        }
        return string.Join('\n', lines);

        void Add(char sign, string[] text, int at)
        {
            string? above = text[..at].LastOrDefault(line => IndentOf(line) < IndentOf(text[at]) && line.Trim() is not ("{" or "}"));
            if (above is not null && above != heading) lines.Add($"  {above}");
            heading = above ?? heading;
            lines.Add($"{sign} {text[at]}");
        }
    }

    private static int IndentOf(string line) => line.Length - line.TrimStart().Length;
}
