using System.CommandLine;
using Valori.Benchmarks;
using Valori.Benchmarks.Data;
using Valori.Benchmarks.Measuring;
using Valori.Benchmarks.Micro;
using Valori.Benchmarks.Results;
using Valori.Benchmarks.Scenarios;
using Valori.Benchmarks.Scenarios.Durable;

// A program that the scenario "facade" starts, without what parsing a command line takes.
if (args is [FacadeScenario.FirstSearch, var path])
{
    await FacadeScenario.RunFirstSearchAsync(path);
    return 0;
}
RootCommand root = new("Benchmarks of Valori. bench/README.md tells what they measure.")
{
    MicroCommand.Create(),
    CompareCommand.Create(),
    TableCommand.Create(),
    PlotCommand.Create(),
    DataCommand(),
};
foreach (Scenario scenario in Scenario.All) root.Subcommands.Add(ScenarioCommand(scenario));
return await root.Parse(args).InvokeAsync();

static Command ScenarioCommand(Scenario scenario)
{
    Command command = new(scenario.Name, scenario.Description);
    BenchmarkOptions.AddTo(command);
    command.SetAction(async (parsed, _) =>
    {
        BenchmarkOptions options = BenchmarkOptions.From(parsed);
        Report report = Report.Of(scenario, options);
        await scenario.RunAsync(options, report);
        Console.WriteLine(options.Json ? report.ToJson() : report.ToString());
    });
    return command;
}

static Command DataCommand()
{
    Command command = new("data", "Makes the .fvecs files of rows and queries where they are not there yet, and prints their paths.");
    BenchmarkOptions.AddTo(command);
    command.SetAction(parsed =>
    {
        DataSet data = new(BenchmarkOptions.From(parsed));
        Console.WriteLine(data.RowsPath);
        Console.WriteLine(data.QueriesPath);
    });
    return command;
}
