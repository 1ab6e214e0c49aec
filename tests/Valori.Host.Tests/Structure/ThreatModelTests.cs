using System.Reflection;
using System.Text.RegularExpressions;

namespace Valori.Host.Tests.Structure;

/// <summary>Each line of docs/security.md names the tests that hold it, and they are there.</summary>
public sealed class ThreatModelTests
{
    [Fact]
    public void Every_threat_has_a_test_that_is_run()
    {
        string[] rows = [.. File.ReadLines(Path.Combine(SourceProject.Root, "docs", "security.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| threat", StringComparison.Ordinal) && !line.StartsWith("| ---", StringComparison.Ordinal))];
        Assert.True(rows.Length >= 20, $"{rows.Length} rows");
        foreach (string row in rows)
        {
            string[] tests = [.. Regex.Matches(row.Split('|')[3], @"`(\w+)\.(\w+)`").Select(match => match.Value.Trim('`'))];
            Assert.True(tests.Length > 0, row);
            Assert.All(tests, name => Assert.True(IsTest(name), $"{name} is not a test that is run"));
        }
    }

    private static bool IsTest(string name)
    {
        string[] parts = name.Split('.');
        return typeof(ThreatModelTests).Assembly.GetTypes().Where(type => type.Name == parts[0]).Select(type => type.GetMethod(parts[1]))
            .Any(method => method?.GetCustomAttributes<FactAttribute>().Any(fact => fact.Skip is null) == true);
    }
}
