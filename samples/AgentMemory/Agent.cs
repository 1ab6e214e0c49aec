using System.Security.Cryptography;
using System.Text;
using Akka.Actor;
using Microsoft.Extensions.DependencyInjection;
using Valori;

namespace Samples;

/// <summary>Something to keep.</summary>
public sealed record Remember(string Text);

/// <summary>A question about what is in memory; with a time, about what was in memory then.</summary>
public sealed record Recall(string Question, DateTimeOffset? KnownAt);

/// <summary>An agent. Its memory is a collection that the host injects; a real one would hand what it recalls to a language model.</summary>
public sealed class Agent : ReceiveActor
{
    private readonly ValoriEngine _memory;

    public Agent([FromKeyedServices("memories")] ValoriEngine memory)
    {
        _memory = memory;
        ReceiveAsync<Remember>(async message => Sender.Tell(await AnswerAsync(() => RememberAsync(message))));
        ReceiveAsync<Recall>(async message => Sender.Tell(await AnswerAsync(() => RecallAsync(message))));
    }

    private async Task<string> RememberAsync(Remember message)
    {
        // The hash of the text is the key: what is said twice is remembered once.
        NewRecord memory = new(HashingEmbedder.Embed(message.Text))
        {
            Key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.Text))),
            Fields = new FieldsBuilder { ["text"] = message.Text }.Build(),
        };
        Upserted kept = await _memory.UpsertAsync(memory);
        return $"remembered; state hash {kept.Receipt.StateHash}";
    }

    private async Task<string> RecallAsync(Recall message)
    {
        SearchQuery query = _memory.QueryOf(HashingEmbedder.Embed(message.Question), k: 3, minimumSimilarity: 0.1) with { With = RecordParts.Fields };
        IReadOnlyList<SearchHit> hits = await _memory.SearchAsync(query, message.KnownAt is { } time ? AsOf.Time(time) : null);
        string when = message.KnownAt is { } at ? $" at {at:yyyy-MM-dd HH:mm}" : "";
        return hits.Count == 0 ? $"I knew nothing about that{when}" : string.Join("; ", hits.Select(hit => hit.Record!.Fields["text"].AsString()));
    }

    private static async Task<string> AnswerAsync(Func<Task<string>> answer)
    {
        try
        {
            return await answer();
        }
        catch (Exception e) when (e is RefusedException or EngineException)
        {
            return e.Message;
        }
    }
}
