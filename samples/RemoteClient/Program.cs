using Akka.Actor;
using Akka.Configuration;
using Samples;
using Valori;
using Valori.Protocol;

// usage: RemoteClient ADDRESS TEXT...     ADDRESS such as akka.tcp://valori@127.0.0.1:4053
if (args.Length < 2)
{
    Console.Error.WriteLine("usage: RemoteClient ADDRESS TEXT...");
    return 2;
}
string text = string.Join(' ', args[1..]);
Config shared = ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "remote.conf")));
// Both sides have hocon/remote.conf, and each its own address: the client's port is any that is free.
Config own = ConfigurationFactory.ParseString("""
    akka.remote.dot-netty.tcp.port = 0
    akka.loglevel = WARNING
    akka.stdout-loglevel = WARNING
    """);
using ActorSystem system = ActorSystem.Create("client", own.WithFallback(shared));
try
{
    // The facade: the same methods as on an engine of one's own.
    await using ValoriEngine notes = await ValoriEngine.ConnectAsync(system, Address.Parse(args[0]), "notes", new WantedSchema(HashingEmbedder.Dimension, Metric.Cosine));
    Upserted kept = await notes.UpsertAsync(new NewRecord(HashingEmbedder.Embed(text)) { Key = $"note-{Guid.NewGuid()}" });
    Console.WriteLine($"kept as record {kept.Id}, event {kept.Receipt.SequenceNr}");

    // Or by messages, from any actor: a query or a command to the gateway, and its answer.
    object answer = await notes.Gateway.Ask(new Search(notes.QueryOf(HashingEmbedder.Embed(text), k: 1)), TimeSpan.FromSeconds(10));
    Console.WriteLine(answer switch
    {
        SearchHits hits => $"nearest: record {hits.Hits[0].Id}, similarity {hits.Hits[0].Similarity:0.00}",
        Refusal refusal => $"refused: {refusal.Message}",
        EngineFailure failure => $"failed: {failure.Message}",
        _ => $"{answer}",
    });
    return 0;
}
catch (Exception e) when (e is RefusedException or EngineException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
