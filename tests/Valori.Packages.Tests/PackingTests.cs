using System.IO.Compression;
using System.Text.RegularExpressions;

namespace Valori.Packages.Tests;

/// <summary>
/// What users do: packs, and from the packages alone makes programs that run the README's example, and installs the tool. The local
/// directory comes before the machine's own sources, and packages that the machine has are taken from there, but none of Valori's.
/// </summary>
[Trait("Category", "Slow")]
public sealed partial class PackingTests(PackedFeed feed) : IClassFixture<PackedFeed>
{
    [Fact]
    public void Every_package_has_readme_licence_documentation_and_symbols_and_one_version()
    {
        string[] packages = ["Valori", "Valori.Kernel", "Valori.PostgreSql", "Valori.Tool", "Valori.VectorData"];
        Assert.Equal(packages, feed.Packages("*.nupkg"));
        Assert.Equal(packages, feed.Packages("*.snupkg"));
        foreach (string package in packages)
        {
            using ZipArchive archive = ZipFile.OpenRead(Path.Combine(feed.Directory, $"{package}.{feed.Version}.nupkg"));
            string[] files = [.. archive.Entries.Select(entry => entry.FullName)];
            Assert.Contains("README.md", files);
            Assert.Contains(files, file => file.EndsWith(".xml", StringComparison.Ordinal) && file.StartsWith(package == "Valori.Tool" ? "tools/" : "lib/net10.0/Valori", StringComparison.Ordinal));
            using StreamReader reader = new(archive.GetEntry($"{package}.nuspec")!.Open());
            string nuspec = reader.ReadToEnd();
            Assert.Contains("<license type=\"expression\">Apache-2.0</license>", nuspec);
            Assert.Contains("<readme>README.md</readme>", nuspec);
            Assert.Contains("<tags>vector-database ", nuspec);
            Assert.All(Dependency().Matches(nuspec).Where(dependency => dependency.Groups["id"].Value.StartsWith("Valori", StringComparison.Ordinal)), dependency => Assert.Equal(feed.Version, dependency.Groups["version"].Value));
        }
    }

    [Fact]
    public async Task Clean_programs_of_the_packages_run_the_readme_s_example()
    {
        string example = Example();
        feed.Write("console/Program.cs", example);
        feed.Write("console/console.csproj", Project("Microsoft.NET.Sdk", ["Valori"]));
        feed.Write("web/Readme.cs", Method(example));
        feed.Write("web/Program.cs", """
            using Valori;

            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddValori(builder.Configuration.GetSection("Valori"), valori => valori.DataDirectory = "web-memory");
            WebApplication app = builder.Build();
            app.MapHealthChecks("/health");
            app.MapPost("/notes", async (ValoriEngine notes) => (await notes.InsertAsync(new float[] { 1, 2 })).Receipt.SequenceNr);
            await app.StartAsync();
            using HttpClient client = new() { BaseAddress = new Uri(app.Urls.Single()) };
            Console.WriteLine($"event {await (await client.PostAsync("/notes", null)).Content.ReadAsStringAsync()}, {await client.GetStringAsync("/health")}");
            await Readme.RunAsync();
            await app.StopAsync();
            """);
        feed.Write("web/appsettings.json", """{ "Valori": { "Collections": { "notes": { "Dimension": 2 } } }, "Logging": { "LogLevel": { "Default": "Warning" } } }""");
        feed.Write("web/web.csproj", Project("Microsoft.NET.Sdk.Web", ["Valori"]));
        feed.Write("worker/Readme.cs", Method(example));
        feed.Write("worker/Program.cs", """
            using Valori;

            HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
            builder.Logging.ClearProviders();
            builder.Services.AddValori(valori =>
            {
                valori.DataDirectory = "worker-memory";
                valori.Collections["notes"] = new() { Dimension = 2, Metric = Metric.Cosine };
            });
            builder.Services.AddHostedService<Worker>();
            await builder.Build().RunAsync();

            internal sealed class Worker(ValoriEngine notes, IHostApplicationLifetime lifetime) : BackgroundService
            {
                protected override async Task ExecuteAsync(CancellationToken stoppingToken)
                {
                    await notes.InsertAsync(new float[] { 1, 2 }, cancellationToken: stoppingToken);
                    Console.WriteLine($"{notes.Name} has {await notes.RecordCountAsync(cancellationToken: stoppingToken)} record");
                    await Readme.RunAsync();
                    lifetime.StopApplication();
                }
            }
            """);
        feed.Write("worker/worker.csproj", Project("Microsoft.NET.Sdk.Worker", ["Valori"], "<PackageReference Include=\"Microsoft.Extensions.Hosting\" Version=\"10.0.14\" />"));
        feed.Write("programs.slnx", """
            <Solution>
              <Project Path="console/console.csproj" />
              <Project Path="web/web.csproj" />
              <Project Path="worker/worker.csproj" />
            </Solution>
            """);
        await feed.RunAsync("", "dotnet", "build", "programs.slnx", "-c", "Release", "-v", "quiet", "-warnaserror", "-nodeReuse:false");

        string console = await feed.RunAsync("console", "dotnet", "bin/Release/net10.0/console.dll");
        AssertIsReadmes(console);
        string web = await feed.RunAsync("web", "dotnet", "bin/Release/net10.0/web.dll");
        Assert.StartsWith("event 2, Healthy\n", web.ReplaceLineEndings("\n"));
        AssertIsReadmes(web);
        string worker = await feed.RunAsync("worker", "dotnet", "bin/Release/net10.0/worker.dll");
        Assert.StartsWith("notes has 1 record\n", worker.ReplaceLineEndings("\n"));
        AssertIsReadmes(worker);

        // Npgsql is for those who choose PostgreSQL.
        IEnumerable<string> brought = ClosureTests.ResolvedIn(feed.PathOf("console/obj/project.assets.json")).Keys;
        Assert.Equal([], brought.Intersect(["Npgsql", "System.Drawing.Common", "System.Security.Permissions", "Akka.Remote"]));
        Assert.False(File.Exists(feed.PathOf("console/bin/Release/net10.0/Npgsql.dll")));
    }

    [Fact]
    public async Task The_tool_installs_and_runs()
    {
        await feed.RunAsync("", "dotnet", "tool", "install", "Valori.Tool", "--tool-path", "tools", "--version", feed.Version);
        string hash = await feed.RunAsync("", feed.PathOf("tools/valori"), "info", "--help");
        Assert.Contains("valori info", hash);
        using Command exec = feed.Start("", feed.PathOf("tools/valori"), "exec", "--data", "tool-memory", "--dimension", "2");
        exec.Send("""{"op":"insert","vector":[1,2]}""");
        exec.Send("""{"op":"get_state_hash"}""");
        Assert.Matches("\"state_hash\":\"[0-9a-f]{64}\"", await exec.EndAsync());
    }

    /// <summary>What the README's example writes: hits, a refusal for a wrong dimension, and a state hash.</summary>
    private static void AssertIsReadmes(string output)
    {
        Assert.Contains("note-1: {", output);
        Assert.Matches("(?m)^InvalidArgument: expected 3 components, got 2", output);
        Assert.Matches("(?m)^[0-9a-f]{64}\\r?$", output);
    }

    private string Project(string sdk, string[] packages, string more = "") => $"""
        <Project Sdk="{sdk}">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <UseAppHost>false</UseAppHost>
          </PropertyGroup>
          <ItemGroup>
            {string.Concat(packages.Select(package => $"<PackageReference Include=\"{package}\" Version=\"{feed.Version}\" />"))}{more}
          </ItemGroup>
        </Project>
        """;

    private static string Example() => Block().Match(File.ReadAllText(Repository.PathOf("README.md"))).Groups["code"].Value;

    /// <summary>The example as a method that a program of another kind calls.</summary>
    private static string Method(string example)
    {
        ILookup<bool, string> lines = example.Split('\n').ToLookup(line => line.StartsWith("using ", StringComparison.Ordinal));
        return $"{string.Join('\n', lines[true])}\n\ninternal static class Readme\n{{\n    public static async Task RunAsync()\n    {{\n{string.Join('\n', lines[false])}\n    }}\n}}\n";
    }

    [GeneratedRegex("^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();

    [GeneratedRegex("<dependency id=\"(?<id>[^\"]+)\" version=\"(?<version>[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Dependency();
}
