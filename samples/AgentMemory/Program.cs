using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samples;
using Valori;

// usage: AgentMemory DIRECTORY [NOW]     NOW plays another time than the clock's, such as 2026-11-27T09:00:00Z
if (args.Length is 0 or > 2)
{
    Console.Error.WriteLine("usage: AgentMemory DIRECTORY [NOW]");
    return 2;
}
TimeProvider clock = args.Length == 2 ? new PlayedClock(DateTimeOffset.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture)) : TimeProvider.System;

HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders();
builder.Services.AddAkka("app", akka => akka
    .AddHocon("akka { loglevel = WARNING, stdout-loglevel = WARNING }", HoconAddMode.Append)
    .WithValori(valori =>
    {
        valori.DataDirectory = args[0];
        valori.Time = clock;
        valori.Collections["memories"] = new() { Dimension = HashingEmbedder.Dimension, Metric = Metric.Cosine };
    })
    .WithActors((system, registry, resolver) => registry.Register<Agent>(system.ActorOf(resolver.Props<Agent>(), "agent"))));
builder.Services.AddValoriEngines();
using IHost host = builder.Build();
await host.StartAsync();

IActorRef agent = host.Services.GetRequiredService<IRequiredActor<Agent>>().ActorRef;
Console.WriteLine("remember TEXT, ask QUESTION, yesterday QUESTION (what did you know then?); an empty line ends");
while (Console.ReadLine() is { Length: > 0 } line)
{
    string[] words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
    object? message = (words[0], words.Length) switch
    {
        ("remember", 2) => new Remember(words[1]),
        ("ask", 2) => new Recall(words[1], null),
        ("yesterday", 2) => new Recall(words[1], clock.GetUtcNow().AddDays(-1)),
        _ => null,
    };
    if (message is null) Console.WriteLine($"'{words[0]}' is none of remember TEXT, ask QUESTION and yesterday QUESTION");
    else Console.WriteLine(await agent.Ask<string>(message, TimeSpan.FromSeconds(30)));
}
await host.StopAsync();
return 0;

/// <summary>A clock that starts at another time, so that a day can be tried out in a minute.</summary>
internal sealed class PlayedClock(DateTimeOffset start) : TimeProvider
{
    private readonly long _started = System.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => start + System.GetElapsedTime(_started);
}
