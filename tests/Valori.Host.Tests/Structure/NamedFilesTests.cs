using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Valori.Host.Tests.Structure;

/// <summary>A text that leaves this repository says where a file is that it names: its reader may have no repository.</summary>
public sealed partial class NamedFilesTests
{
    [Theory]
    [InlineData("Valori.Kernel")]
    [InlineData("Valori.Actors")]
    public void The_documentation_of_a_package_says_whose_files_it_names(string package)
    {
        XElement[] members = [.. XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{package}.xml")).Descendants("member")];
        Assert.True(members.Length > 500, $"{members.Length} members");
        // The compiler of protobuf writes the path of its own input.
        AssertNone(
            from member in members
            let text = OneLine(member.Value)
            where !text.StartsWith("Holder for reflection information generated from", StringComparison.Ordinal) && !text.StartsWith("File descriptor for", StringComparison.Ordinal)
            from named in StrayFiles(text)
            select $"{member.Attribute("name")!.Value} names {named}");
    }

    [Theory]
    [InlineData("src/Valori.Actors/reference.conf")]
    [InlineData("hocon/embedded.conf")]
    [InlineData("hocon/postgresql.conf")]
    [InlineData("hocon/remote.conf")]
    public void A_configuration_file_to_copy_says_whose_files_it_names(string file)
    {
        IEnumerable<string> comments = File.ReadLines(Path.Combine(SourceProject.Root, file)).Select(line => line.Split('#', 2)).Where(parts => parts.Length == 2).Select(parts => parts[1]);
        AssertNone(StrayFiles(OneLine(string.Join(' ', comments))));
    }

    [Fact]
    public void A_string_of_the_program_says_whose_files_it_names()
    {
        List<string> stray = [];
        int strings = 0;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(SourceProject.Root, "src"), "*.cs", SearchOption.AllDirectories))
        {
            if (file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin")) continue;
            foreach (SyntaxToken token in CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantTokens())
            {
                if (!token.IsKind(SyntaxKind.StringLiteralToken) && !token.IsKind(SyntaxKind.InterpolatedStringTextToken) && token.Parent is not LiteralExpressionSyntax) continue;
                strings++;
                stray.AddRange(StrayFiles(token.ValueText).Select(named => $"{Path.GetRelativePath(SourceProject.Root, file)}: '{token.ValueText}' names {named}"));
            }
        }
        Assert.True(strings > 1_000, $"{strings} strings");
        AssertNone(stray);
    }

    [Theory]
    [InlineData("See docs/formats.md, section 3.", "docs/formats.md")]
    [InlineData("See docs/formats.md, which is in Valori's repository.", "docs/formats.md")]
    [InlineData("Its fields in journal.proto.", "journal.proto")]
    [InlineData("docs/limits.md in Valori's repository and hocon/remote.conf", "hocon/remote.conf")]
    [InlineData("Section 3 of formats.md", "formats.md")]
    public void A_file_without_an_owner_is_found(string text, string named) => Assert.Equal([named], StrayFiles(text));

    [Theory]
    [InlineData("See section 3 of docs/formats.md in Valori's repository.")]
    [InlineData("The files in hocon/ of Valori's repository")]
    [InlineData("reference.conf, which is in the package")]
    public void A_file_with_an_owner_is_not(string text) => Assert.Empty(StrayFiles(text));

    private static IEnumerable<string> StrayFiles(string text) => FileOfRepository().Matches(text).Where(match => !match.Groups["owner"].Success).Select(match => match.Groups["file"].Value);

    private static string OneLine(string text) => Spaces().Replace(text, " ").Trim();

    private static void AssertNone(IEnumerable<string> wrong) => Assert.True(!wrong.Any(), string.Join('\n', wrong));

    [GeneratedRegex(@"(?<file>(?:docs|hocon)/[\w./-]*\w|(?:docs|hocon)/|\bformats\.md|\w+\.proto\b)(?<owner> (?:in|of) Valori's repository)?", RegexOptions.ExplicitCapture)]
    private static partial Regex FileOfRepository();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
