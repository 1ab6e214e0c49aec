namespace Valori.Actors.Engine;

/// <summary>How many of an engine's query actors are at work. Shared by all of them; thread-safe.</summary>
internal sealed class QueryLoad(int actors)
{
    private int _busy;

    /// <summary>Actors that wait for work; a guess, because others come and go meanwhile.</summary>
    public int Idle => Math.Max(0, actors - Volatile.Read(ref _busy));

    public void Enter() => Interlocked.Increment(ref _busy);

    public void Leave() => Interlocked.Decrement(ref _busy);
}
