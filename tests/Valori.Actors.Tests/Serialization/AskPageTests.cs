using System.Text.RegularExpressions;
using Valori.Actors.Serialization;
using Valori.Kernel.Commands;
using Valori.Protocol;

namespace Valori.Actors.Tests.Serialization;

/// <summary>docs/ask.md names every message with its answer, and none that is not there.</summary>
public sealed partial class AskPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "ask.md"));

    [Fact]
    public void It_names_every_message_that_may_cross_a_process()
    {
        HashSet<string> named = [.. Names().Matches(Page).Select(name => name.Groups["name"].Value)];
        Assert.Equal([], MessageKinds.All.Select(kind => kind.Type.Name).Where(name => !named.Contains(name)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Its_commands_are_those_that_there_are() =>
        Assert.Equal(CommandKinds.All.Select(kind => kind.CommandType.Name).Append(nameof(Request)).Order(StringComparer.Ordinal), Rows("Commands").Select(row => row.Message).Order(StringComparer.Ordinal));

    [Fact]
    public void Its_queries_are_those_that_there_are_each_with_its_answer() => Assert.Equal(
        QueryKinds.All.Select(kind => (kind.Type.Name, kind.Answer.Name)).Order(), Rows("Queries").Order());

    [Fact]
    public void Every_message_of_its_tables_is_one()
    {
        HashSet<string> there = [.. MessageKinds.All.Select(kind => kind.Type.Name)];
        Assert.Equal([], Row().Matches(Page).SelectMany(row => (string[])[row.Groups["message"].Value, row.Groups["answer"].Value]).Where(name => name.Length > 0 && !there.Contains(name)));
    }

    private static IEnumerable<(string Message, string Answer)> Rows(string heading)
    {
        string section = Page[Page.IndexOf($"### {heading}\n", StringComparison.Ordinal)..].Split("\n#", 2)[0];
        return Row().Matches(section).Select(row => (row.Groups["message"].Value, row.Groups["answer"].Value));
    }

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z]+)`")]
    private static partial Regex Names();

    [GeneratedRegex(@"^\| `(?<message>[A-Z][A-Za-z]+)` \|( `(?<answer>[A-Z][A-Za-z]+)`)?", RegexOptions.Multiline)]
    private static partial Regex Row();
}
