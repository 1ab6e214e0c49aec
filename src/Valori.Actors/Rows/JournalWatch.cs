using Valori.Actors.Entries;
using Valori.Actors.Serialization;

namespace Valori.Actors.Rows;

/// <summary>
/// What a process knows of its journal beside the engines, for as long as it serves from it: whether it may serve at all, and whether
/// the journal is still the one that the engines recovered from and can be written. Thread-safe.
/// </summary>
internal abstract class JournalWatch : IDisposable
{
    /// <summary>No answer within this is a fault of its own: a database that hangs must not hang a caller that asks for its health.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A look is good for so long, however many ask.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private (long At, string Places, Task<JournalLook> Look)? _last;

    /// <summary>Null when engines may be opened; why they must not be if that is decided. Waits if it is not.</summary>
    public abstract Task<string?> MayServeAsync();

    /// <summary>Compares the journal with the last durable event of each engine. Takes five seconds at most.</summary>
    /// <param name="engines">Asked for their places before this is called.</param>
    public async Task<JournalLook> LookAsync(IReadOnlyList<EngineStatus> engines)
    {
        string places = string.Join(' ', engines.Select(engine => $"{engine.Name}:{engine.SequenceNr}:{engine.Chain}"));
        Task<JournalLook> look;
        lock (_lock)
        {
            bool isRunning = _last is { Look.IsCompleted: false };
            bool isFresh = _last is { } last && last.Places == places && Environment.TickCount64 - last.At < Freshness.TotalMilliseconds;
            // One that hangs is waited for again, instead of a second one beside it.
            if (!isRunning && !isFresh) _last = (Environment.TickCount64, places, Task.Run(() => CompareAsync(engines)));
            look = _last!.Value.Look;
        }
        try
        {
            return await look.WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return JournalLook.Bad($"the journal did not answer within {Patience.TotalSeconds} s");
        }
    }

    public abstract void Dispose();

    /// <summary>Whatever is wrong is told, not thrown.</summary>
    protected abstract Task<JournalLook> CompareAsync(IReadOnlyList<EngineStatus> engines);

    /// <summary>What is wrong with the row of an engine's last event; null if it is the row.</summary>
    /// <param name="head">The first <see cref="EntryPlace.MaximumBytes"/> of its message; null if there is no row.</param>
    protected static string? Compare(string journal, EngineStatus engine, string? manifest, long? identifier, byte[]? head)
    {
        string place = $"event {engine.SequenceNr} of '{engine.Name}', which was acknowledged,";
        if (head is null)
            return $"{place} is not in the journal ({journal}): the journal was rolled back or replaced. Stop the service, and restore the journal that has it";
        bool isEntry = manifest == ValoriSerializer.JournalRecordManifest && identifier == ValoriSerializer.Number;
        return isEntry && EntryPlace.TryRead(head, out EntryPlace found) && found.Chain == engine.Chain
            ? null
            : $"{place} is different in the journal ({journal}): the journal was replaced. Stop the service, and restore the journal that it wrote";
    }
}

/// <summary>What a look at the journal showed.</summary>
/// <param name="Fault">What is wrong and what to do; null if all is right.</param>
/// <param name="Last">The highest sequence number of each engine that was asked about, by name. Empty with a fault.</param>
internal sealed record JournalLook(string? Fault, IReadOnlyDictionary<string, long> Last)
{
    private static readonly Dictionary<string, long> None = [];

    public static JournalLook Bad(string fault) => new(fault, None);
}
