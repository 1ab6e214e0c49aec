using System.Text;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Valori.Fuzz.Corpus;

namespace Valori.Fuzz.Targets;

/// <summary>
/// What a peer's message is made into, whatever serializer, manifest and bytes it names (hocon/remote.conf). An input is a serializer's
/// place in <see cref="Ids"/>, the length of the manifest, the manifest, and the bytes. Declared: any exception, on which Akka drops the
/// message. Nothing comes out that stops an actor, and nothing of a type that is not Valori's, Akka's or .NET's own.
/// </summary>
internal static class PeerTarget
{
    // Constant and factor: as of MessageTarget; Akka's own readers copy bytes and texts.
    public static readonly FuzzTarget Target = new(
        "peer", Attack, new Lazy<IReadOnlyList<byte[]>>(Corpus), Syntax.Protobuf, new AllocationBound(Allocating.OneThread, 6 << 20, 2_000), Rounds: 10_000)
    {
        HeadBytes = 2,
        HotOffsets = [0, 1],
    };

    // Akka's, those that Valori puts in the place of some, Valori's, and one that nobody has.
    private static readonly int[] Ids = [.. Enumerable.Range(-5, 46), 86_825, 86_826, 4711];

    private static readonly string Json = """{"$type":"System.IO.FileInfo, System.Private.CoreLib","fileName":"planted"}""";

    private static void Attack(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2) return;
        int manifestBytes = Math.Min(input[1], input.Length - 2);
        string manifest = Encoding.UTF8.GetString(input.Slice(2, manifestBytes));
        // Valori's guard is a part of what is attacked.
        _ = ValoriExtension.Get(Sandbox.Actors);
        object? message;
        try
        {
            message = Sandbox.Actors.Serialization.Deserialize(input[(2 + manifestBytes)..].ToArray(), Ids[input[0] % Ids.Length], manifest);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or StackOverflowException))
        {
            return;
        }
        Verdict.Accepted();
        if (message is null) return;
        string assembly = message.GetType().Assembly.GetName().Name!;
        BrokenPromiseException.ThrowIf(message is PoisonPill or Kill or ISystemMessage, $"a peer sends {message.GetType().Name}");
        BrokenPromiseException.ThrowIf(message is FileSystemInfo || !(assembly.StartsWith("Valori.", StringComparison.Ordinal) || assembly.StartsWith("Akka", StringComparison.Ordinal) || assembly == "System.Private.CoreLib"),
            $"a peer has a {message.GetType()} made");
    }

    private static List<byte[]> Corpus()
    {
        List<byte[]> inputs = [.. SampleMessages.All().Select(sample => Input(86_825, sample.Manifest, sample.Bytes))];
        foreach (int id in Ids)
        {
            foreach (string manifest in new[] { "", "ID", "PP", "K", "ST", "System.IO.FileInfo, System.Private.CoreLib" })
                inputs.Add(Input(id, manifest, Encoding.UTF8.GetBytes(Json)));
        }
        return inputs;
    }

    private static byte[] Input(int id, string manifest, byte[] bytes) =>
        [(byte)Array.IndexOf(Ids, id), (byte)Encoding.UTF8.GetByteCount(manifest), .. Encoding.UTF8.GetBytes(manifest), .. bytes];
}
