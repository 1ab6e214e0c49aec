using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Valori.Host.Tests.Structure;

/// <summary>The C# examples of README and docs compile as they are, in a program that sees only what is public.</summary>
public sealed partial class ExampleTests
{
    // What the SDK's own global usings are for a console program.
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private const string ForHosts = """
        using Akka.Actor; using Akka.Hosting; using Microsoft.AspNetCore.Builder; using Microsoft.AspNetCore.Diagnostics.HealthChecks; using Microsoft.AspNetCore.Routing;
        using Microsoft.Extensions.Configuration; using Microsoft.Extensions.DependencyInjection; using Microsoft.Extensions.Hosting; using Valori;
        """;

    [Fact]
    public void The_program_of_the_readme_compiles() => AssertCompiles(Example("README.md", 0), "", "");

    [Fact]
    public void The_lines_of_the_readme_for_an_ActorSystem_of_one_s_own_compile() => AssertCompiles(
        Example("README.md", 2), ForHosts, "IHostApplicationBuilder builder = null!; ActorSystem system = null!;");

    [Fact]
    public void The_lines_of_the_readme_for_a_host_compile() => AssertCompiles(Example("README.md", 1), ForHosts, "IHostApplicationBuilder builder = null!;");

    [Fact]
    public void The_examples_of_hosting_compile() => AssertCompiles(
        string.Join('\n', Blocks().Matches(File.ReadAllText(Path.Combine(SourceProject.Root, "docs", "hosting.md"))).Select(block => block.Groups["code"].Value)),
        ForHosts, "IHostApplicationBuilder builder = null!; IEndpointRouteBuilder app = null!; float[] vector = [];");

    [Theory]
    [InlineData("Valori.Actors", 0, "")]
    [InlineData("Valori.Actors", 1, "IHostApplicationBuilder builder = null!;")]
    [InlineData("Valori.Kernel", 0, "")]
    [InlineData("Valori.PostgreSql", 0, "IHostApplicationBuilder builder = null!;")]
    [InlineData("Valori.VectorData", 0, "IHostApplicationBuilder builder = null!;")]
    public void The_examples_of_the_packages_readmes_compile(string project, int index, string before) => AssertCompiles(Example($"src/{project}/README.md", index), ForHosts, before);

    [Fact]
    public void The_examples_of_proofs_compile() => AssertCompiles(
        $"{Example("docs/proofs.md", 0)}\n{Example("docs/proofs.md", 1).Replace("HistoryProof proof", "HistoryProof later").Replace("proof.ToBytes", "later.ToBytes")}",
        "using Valori;",
        "ValoriEngine engine = null!; float[] vector = []; Receipt today = null!;");

    [Fact]
    public void The_examples_of_the_page_on_csharp_compile() => AssertCompiles(
        string.Join('\n', Blocks().Matches(File.ReadAllText(Path.Combine(SourceProject.Root, "docs", "csharp.md"))).Select(block => block.Groups["code"].Value)),
        "using Valori;",
        "ValoriEngine engine = null!; float[] vector = [];");

    [Fact]
    public void The_examples_of_VectorData_compile()
    {
        string program = Example("docs/vectordata.md", 0);
        AssertCompiles(program, "", "");
        string record = program[program.IndexOf("public sealed class Memory", StringComparison.Ordinal)..];
        AssertCompiles($"{Example("docs/vectordata.md", 1)}\n{record}", "using Microsoft.Extensions.DependencyInjection; using Microsoft.Extensions.VectorData; using Valori;", "IServiceCollection services = null!;");
    }

    [Fact]
    public void The_examples_of_the_page_on_streams_compile() => AssertCompiles(
        string.Join('\n', Blocks().Matches(File.ReadAllText(Path.Combine(SourceProject.Root, "docs", "streams.md"))).Select(block => block.Groups["code"].Value)),
        "using Akka; using Akka.Actor; using Akka.Streams; using Akka.Streams.Dsl; using Valori; using Valori.Protocol;",
        "ActorSystem system = null!; ValoriEngine engine = null!; IMaterializer materializer = null!; string[] texts = []; long lastSeen = 0; float[] Embed(string text) => [];");

    [Fact]
    public void A_member_that_is_not_there_or_not_public_is_found()
    {
        Assert.Contains("CS1061", Faults("", "Valori.RecordId id = default;", "Console.WriteLine(id.Missing);"));
        Assert.Contains("CS0122", Faults("", "", "Console.WriteLine(typeof(Valori.Kernel.Commands.CommandKinds));"));
    }

    private static void AssertCompiles(string code, string usings, string before)
    {
        Assert.True(code.Count(c => c == '\n') > 1, code);
        Assert.Equal("", Faults(usings, before, code));
    }

    /// <summary>What is wrong with a program; its own usings come first, and then the variables that it takes for granted.</summary>
    private static string Faults(string usings, string before, string code)
    {
        ILookup<bool, string> lines = code.Split('\n').ToLookup(line => line.StartsWith("using ", StringComparison.Ordinal));
        string program = $"{usings}\n{string.Join('\n', lines[true])}\n{before}\n{string.Join('\n', lines[false])}";
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Example", [CSharpSyntaxTree.ParseText(ImplicitUsings), CSharpSyntaxTree.ParseText(program)], SourceProject.Platform,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        return string.Join('\n', compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
    }

    private static string Example(string file, int index) =>
        Blocks().Matches(File.ReadAllText(Path.Combine(SourceProject.Root, file)))[index].Groups["code"].Value;

    [GeneratedRegex("^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Blocks();
}
