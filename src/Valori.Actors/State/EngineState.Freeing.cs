using Valori.Kernel;

namespace Valori.Actors.State;

/// <summary>Freeing what deletions and replaced values hold while the engine runs (docs/adr/0019 in Valori's repository).</summary>
internal sealed partial class EngineState
{
    /// <summary>The last state on the storage before the present one, for as long as the past on it is to stay in reach; null if it is not.</summary>
    public DurableView? Older { get; private set; }

    /// <summary>About what <see cref="Older"/> takes besides.</summary>
    public long OlderBytes { get; private set; }

    /// <summary>Whether the storage is being made anew.</summary>
    public bool IsFreeing => _kernel is { IsFreeing: true };

    /// <summary>What is left after the kernel's last step. There must be no open changes.</summary>
    /// <param name="keepsOlder">Whether the past before is to stay in reach until <see cref="ForgetOlder"/>; at most one such past is kept.</param>
    /// <returns>Approximate bytes no longer needed by readers of the present state.</returns>
    public long FinishFreeing(bool keepsOlder)
    {
        DurableView before = TakeView();
        long freed = Kernel.FinishFreeing();
        OlderBytes = keepsOlder ? freed : 0;
        Older = keepsOlder ? before : null;
        if (keepsOlder) return 0;
        History.ForgetVersionsBefore(SequenceNr);
        return freed;
    }

    /// <summary>Lets the past go that <see cref="Older"/> kept.</summary>
    /// <returns>As for <see cref="FinishFreeing"/>.</returns>
    public long ForgetOlder()
    {
        if (Older is not { } older) return 0;
        long freed = OlderBytes;
        History.ForgetVersionsBefore(older.SequenceNr);
        DropOlder();
        return freed;
    }

    private void DropOlder()
    {
        Older = null;
        OlderBytes = 0;
    }
}
