using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Valori.Benchmarks.Micro;

/// <summary><c>micro [filter]</c>: the small pieces, by BenchmarkDotNet. Its own options may follow.</summary>
internal static class MicroCommand
{
    public static Command Create()
    {
        Argument<string> filter = new("filter")
        {
            Description = "Which benchmarks, as in '*Blake3*'.",
            DefaultValueFactory = _ => "*",
        };
        Command command = new("micro", "Runs the BenchmarkDotNet benchmarks of the small pieces.") { filter };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(parsed =>
        {
            // In this process: a second build by BenchmarkDotNet would stand under this repository's strict settings.
            IConfig config = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).AsDefault());
            string[] arguments = ["--filter", parsed.GetRequiredValue(filter), .. parsed.UnmatchedTokens];
            BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly).Run(arguments, config);
        });
        return command;
    }
}
