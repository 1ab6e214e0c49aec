using System.Runtime.InteropServices;

namespace Valori.Host.Commands;

/// <summary>
/// The signals that ask a process to stop, as a token: SIGTERM, SIGINT (Ctrl-C) and SIGHUP (the terminal was closed). The first one
/// never ends the process by itself: what is being written is finished and answered.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="isPatient">
    /// Whether a further signal changes nothing, as for a service. Otherwise it ends the process at once, as for a verb that someone
    /// waits for.
    /// </param>
    public StopSignals(bool isPatient)
    {
        _registrations = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = isPatient || !_stopping.IsCancellationRequested;
            // Never on the thread of the signals: a continuation that takes its time would hold up the next signal.
            _ = _stopping.CancelAsync();
        }
    }

    public CancellationToken Token => _stopping.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _stopping.Dispose();
    }
}
