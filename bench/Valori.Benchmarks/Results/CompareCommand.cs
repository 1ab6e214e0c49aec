using System.CommandLine;
using System.Globalization;
using Valori.Benchmarks.Data;

namespace Valori.Benchmarks.Results;

/// <summary><c>compare OURS PEERS</c>: whether two programs found the same nearest records.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        Argument<FileInfo> ours = new("ours") { Description = "The .ivecs of our exact answers." };
        Argument<FileInfo> peers = new("peers") { Description = "The .ivecs of a peer's." };
        Option<double> least = new("--least")
        {
            Description = "Fails below this share of equal ids.",
            DefaultValueFactory = _ => 0.99,
        };
        Command command = new("compare", "Prints the share of ids that two answers have in common.") { ours, peers, least };
        command.SetAction(parsed =>
        {
            double agreement = IvecsFile.Agreement(
                IvecsFile.Read(parsed.GetRequiredValue(ours).FullName), IvecsFile.Read(parsed.GetRequiredValue(peers).FullName));
            Console.WriteLine(agreement.ToString("F5", CultureInfo.InvariantCulture));
            return agreement >= parsed.GetValue(least) ? 0 : 1;
        });
        return command;
    }
}
