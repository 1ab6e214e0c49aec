using System.Runtime.Serialization;
using Valori.Actors.Entries;
using Valori.Actors.Serialization;
using Valori.Fuzz.Corpus;
using Valori.Kernel;
using Valori.Protocol;

namespace Valori.Fuzz.Targets;

/// <summary>
/// Messages of other processes and stored bytes, as Akka gives them to the serializer (docs/formats.md, section 13). The first byte
/// of an input is the manifest's place in <see cref="SampleMessages.Manifests"/>. Declared: <see cref="SerializationException"/>.
/// What is decoded is encoded to bytes that decode to the same.
/// </summary>
internal static class MessageTarget
{
    // Constant: a snapshot's reader, where the manifest is that of one (SnapshotTarget). Factor: an empty message of two bytes is
    // an object of protobuf's and one of ours, in a list each.
    public static readonly FuzzTarget Target = new(
        "message", Attack, new Lazy<IReadOnlyList<byte[]>>(Corpus), Syntax.Protobuf, new AllocationBound(Allocating.OneThread, 6 << 20, 2_000), Rounds: 25_000)
    {
        HeadBytes = 1,
        HotOffsets = [0],
    };

    public static void Attack(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        string[] manifests = SampleMessages.Manifests.Value;
        string manifest = manifests[input[0] % manifests.Length];
        object message;
        try
        {
            message = Sandbox.Serializer.FromBinary(input[1..].ToArray(), manifest);
        }
        catch (SerializationException)
        {
            return;
        }
        // For the gateway to refuse (ConversationTarget). Whatever came in, the reason is short.
        object asked = message is EngineMessage envelope ? envelope.Message : message;
        if (asked is UnreadableMessage(var reason))
        {
            BrokenPromiseException.ThrowIf(reason.Length is 0 or > UnreadableMessage.MaximumReason, $"a reason of {reason.Length} characters");
            return;
        }
        Verdict.Accepted();
        if (message is SnapshotContent or JournalRecord) return;
        BrokenPromiseException.ThrowIf(Sandbox.Serializer.Manifest(message) != manifest, $"'{manifest}' became {message.GetType().Name}");
        byte[] again = Sandbox.Serializer.ToBinary(message);
        // An actor that is not there has an address of the one who looked for it, or none that is taken.
        if (asked is EngineOpened or RestoreStarted) return;
        byte[] onceMore = Sandbox.Serializer.ToBinary(Sandbox.Serializer.FromBinary(again, manifest));
        BrokenPromiseException.ThrowIf(!again.AsSpan().SequenceEqual(onceMore), $"a {message.GetType().Name} does not arrive as it was sent");
    }

    private static List<byte[]> Corpus()
    {
        List<byte[]> inputs = [.. SampleMessages.All().Select(sample => Input(sample.Manifest, sample.Bytes))];
        inputs.Add(Input("J", [1, 2, 3]));
        inputs.Add(Input("S", SampleStates.Snapshot(SampleStates.Full(3))));
        return inputs;
    }

    internal static byte[] Input(string manifest, byte[] bytes) => [(byte)Array.IndexOf(SampleMessages.Manifests.Value, manifest), .. bytes];
}
