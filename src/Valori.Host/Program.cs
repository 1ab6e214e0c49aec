return await Valori.Host.Commands.CommandLine.RunAsync(args);
