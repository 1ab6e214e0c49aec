using Akka.Actor;
using Valori.Actors.Settings;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary><c>kill -9</c> of a service at a random moment of a drop, or as soon as it has begun: the collection is whole, or it is gone, and the rest goes later.</summary>
[Trait("Category", "Slow")]
public sealed class DropCrashTests(ITestOutputHelper output) : IDisposable
{
    private const int Dimension = 256, LongestDelayMs = 600;
    private static readonly int Rounds = CrashRounds.Count(6), Seed = CrashRounds.Seed;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killed_at_any_moment_a_drop_leaves_a_collection_whole_or_gone()
    {
        Random random = new(Seed);
        string[] names = [.. Enumerable.Range(0, Rounds).Select(i => $"c{i}")];
        Dictionary<string, EngineStatus> written = await WriteAsync([.. names, "other"]);
        List<string> found = [];
        foreach ((int round, string name) in names.Index())
        {
            string place = $"seed {Seed}, {name}";
            await using (RunningService service = await RunningService.StartAsync(_directory.Path))
            {
                Task<Exception?> drop = Record.ExceptionAsync(() => service.DoneAsync(HttpMethod.Delete, $"/v1/collections/{name}"));
                if (round % 2 == 0) await BeginningOf(drop);
                // The delay is the random moment; nothing is waited for.
                else await Task.Delay(random.Next(LongestDelayMs));
                service.Process.Kill();
                await service.Process.EndAsync();
                if (await drop is null) found.Add("answered");
            }
            Finished verified = await ValoriProcess.RunAsync("verify", "--data", _directory.Path);
            Assert.True(verified.ExitCode == 0, $"{place}: {verified}");
            bool isBeingDropped = verified.Output.Contains($"the collection '{name}' is being dropped", StringComparison.Ordinal);
            bool isThere = verified.Lines[^1].Split(' ').Contains($"{name},");
            Assert.False(isBeingDropped && isThere, place);
            found.Add(isThere ? "whole" : isBeingDropped ? "half" : "gone");

            ActorSystem system = Start();
            ValoriExtension valori = ValoriExtension.Get(system);
            Assert.Equal(written["other"], await (await valori.OpenAsync("other", create: false)).StatusAsync());
            if (isThere) Assert.Equal(written[name], await (await valori.OpenAsync(name, create: false)).StatusAsync());
            else Assert.DoesNotContain(name, await valori.ListAsync());
            await EndAsync(system);
            Assert.True(isThere || Directory.GetFiles(_directory.Path, $"valori-{name}*", SearchOption.AllDirectories).Length == 0, place);
        }
        output.WriteLine($"seed {Seed}: {string.Join(", ", found)}");
        // Otherwise nothing was interrupted.
        Assert.Contains("half", found);
    }

    /// <summary>Waits until the intent is in the journal.</summary>
    private async Task BeginningOf(Task drop)
    {
        while (!drop.IsCompleted && !JournalRows.HasAny(_directory.Path, "valori.drops")) await Task.Yield();
    }

    private async Task<Dictionary<string, EngineStatus>> WriteAsync(string[] names)
    {
        ActorSystem system = Start();
        Dictionary<string, EngineStatus> written = [];
        foreach (string name in names)
        {
            ValoriEngine engine = await ValoriExtension.Get(system).OpenAsync(name, Dimension);
            // 16 MB of events, and a snapshot of as much: a drop takes several steps.
            for (int i = 0; i < 16; i++) await engine.InsertBatchAsync(new float[2_000 * Dimension], new ulong[2_000]);
            await engine.SaveAsync();
            written.Add(name, await engine.StatusAsync());
        }
        await EndAsync(system);
        return written;
    }

    private ActorSystem Start() => ActorSystem.Create($"drop-{Guid.NewGuid():N}", "akka.loglevel = OFF, akka.stdout-loglevel = OFF\n" + ReferenceConfig.DataDirectorySetting(_directory.Path));

    private static async Task EndAsync(ActorSystem system)
    {
        await system.Terminate();
        ValoriExtension.Get(system).Release();
    }
}
