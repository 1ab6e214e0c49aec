using System.Runtime.Serialization;
using Akka.Actor;
using Valori.Actors.Settings;
using Valori.Fuzz.Corpus;
using Valori.Protocol;

namespace Valori.Fuzz.Targets;

/// <summary>
/// Questions and commands of another process, decoded and put to a live engine: each has an answer, none is a failure, and what is
/// refused leaves no trace. The first byte of an input is a place in <see cref="SampleMessages.Questions"/>.
/// </summary>
internal static class ConversationTarget
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private static ValoriEngine? s_engine;
    private static ActorSystem? s_system;

    // Constant: what an engine's storage grows by at a time, up to 16 MiB twice, beside what other actors do. Factor: as for
    // messages, and for the answer.
    public static readonly FuzzTarget Target = new(
        "conversation", Attack, new Lazy<IReadOnlyList<byte[]>>(Corpus), Syntax.Protobuf, new AllocationBound(Allocating.WholeProcess, 40 << 20, 500), Rounds: 1_500)
    {
        HeadBytes = 1,
        HotOffsets = [0],
        TimeLimit = AnswerLimit,
    };

    public static void Attack(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        object message;
        try
        {
            message = Sandbox.Serializer.FromBinary(input[1..].ToArray(), SampleMessages.Questions[input[0] % SampleMessages.Questions.Length]);
        }
        catch (SerializationException)
        {
            return;
        }
        AskAsync(message).GetAwaiter().GetResult();
    }

    private static async Task AskAsync(object message)
    {
        ValoriEngine engine = await EngineAsync();
        IActorRef guardian = ValoriExtension.Get(Sandbox.Actors).Guardian;
        switch (message)
        {
            case ListEngines:
                await AnswerAsync(guardian, message);
                break;
            case OpenEngine open:
                // Names are plenty, and each would be an engine for the rest of the run.
                await AnswerAsync(guardian, open with { Create = open.Create && !(ValoriSettings.IsValidName(open.Name) && open.Name != engine.Name) });
                break;
            case DropEngine drop when drop.Name == engine.Name:
                break;
            case DropEngine:
                await AnswerAsync(guardian, message);
                break;
            case CompareWith compare:
                // A machine that is named would be asked: only this system's engines are compared.
                await AnswerAsync(engine.Gateway, compare with { Other = compare.Other with { System = engine.Gateway.Path.Address } });
                break;
            case GetEvents events:
                // Each would wait for seconds.
                await AnswerAsync(engine.Gateway, events with { WaitMilliseconds = Math.Min(events.WaitMilliseconds, 1) });
                break;
            case EngineMessage { Message: CompareWith or GetEvents } special:
                await AskAsync(special.Message);
                break;
            case EngineMessage { TimeoutMilliseconds: not 0 } timed:
                // One that comes too late is a failure.
                await AskAsync(timed with { TimeoutMilliseconds = 0 });
                break;
            default:
                Digest before = await engine.GetStateHashAsync();
                object answer = await AnswerAsync(engine.Gateway, message);
                if (answer is Refusal) BrokenPromiseException.ThrowIf(before != await engine.GetStateHashAsync(), $"refused, and the state is another: {answer}");
                else Verdict.Accepted();
                break;
        }
    }

    private static async Task<object> AnswerAsync(IActorRef actor, object message)
    {
        object answer = await actor.Ask<object>(message, AnswerLimit);
        BrokenPromiseException.ThrowIf(answer is EngineFailure or Status.Failure, $"{message} was answered with {answer}");
        return answer;
    }

    private static async Task<ValoriEngine> EngineAsync()
    {
        if (s_system != Sandbox.Actors) (s_engine, s_system) = (await Sandbox.NewEngineAsync("talk"), Sandbox.Actors);
        return s_engine!;
    }

    private static List<byte[]> Corpus() =>
    [
        .. SampleMessages.All().Where(sample => SampleMessages.Questions.Contains(sample.Manifest))
            .Select(sample => (byte[])[(byte)Array.IndexOf(SampleMessages.Questions, sample.Manifest), .. sample.Bytes]),
    ];
}
