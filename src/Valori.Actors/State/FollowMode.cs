using Valori.Actors.Entries;

namespace Valori.Actors.State;

/// <summary>
/// Whether an engine follows another one: then its journal gets the events of that one, and nothing that is decided here. Written by the
/// gateway, outlives the engine that reads it. Thread-safe.
/// </summary>
internal sealed class FollowMode
{
    private volatile bool _isOn;
    private volatile JournalRecord? _beginning;

    public bool IsOn => _isOn;

    /// <summary>The first event of all, with which an engine begins that does not exist yet; null if there must be one.</summary>
    public JournalRecord? Beginning => _beginning;

    public void Begin(JournalRecord? beginning)
    {
        _beginning = beginning;
        _isOn = true;
    }

    public void End()
    {
        _isOn = false;
        _beginning = null;
    }
}
