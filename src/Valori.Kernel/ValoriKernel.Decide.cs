using Valori.Protocol;

namespace Valori.Kernel;

internal sealed partial class ValoriKernel
{
    /// <summary>
    /// Checks a command against the present state and returns the event that it leads to, or a refusal. Changes nothing; the
    /// event is valid for the present state only, so it must be applied before the next command is decided.
    /// </summary>
    public Outcome<Event> Decide(Command command) => command.Decide(_tables);
}
