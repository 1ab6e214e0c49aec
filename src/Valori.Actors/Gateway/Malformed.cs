using Valori.Actors.Serialization;
using Valori.Protocol;

namespace Valori.Actors.Gateway;

/// <summary>
/// Messages of the application's own process are objects, which may have a null that their type forbids. Those of another process may be
/// commands and queries that cannot be read. A filter of either may be about a property that is not a field. All of these are refused before
/// they reach an engine, which would have to throw its state away for them.
/// </summary>
internal static class Malformed
{
    /// <summary>What is wrong with a message, or null.</summary>
    public static Refusal? Check(object message) => message switch
    {
        Command { MissingProperty: { } property } => Missing(message, property),
        Command { CommandKind.IsOfEngine: true } => new Refusal(
            RefusalKind.InvalidArgument, $"{message.GetType().Name} is not for clients: records expire by the engine's own clock. Use set_expiry to change when a record expires"),
        Request { Id: null } => Missing(message, nameof(Request.Id)),
        Request { Command: null } => Missing(message, nameof(Request.Command)),
        Request { Command: var command } => Check(command),
        Authored { Command: var command } => Check(command),
        Query { MissingProperty: { } property } => Missing(message, property),
        UnreadableMessage { IsOfSender: true, Reason: var reason } => new Refusal(RefusalKind.InvalidArgument, reason),
        UnreadableMessage(var reason) => new Refusal(
            RefusalKind.InvalidArgument, $"nothing was done, because the bytes of the message are not those of a command or query that is known here: {reason}"),
        _ => FilteredRequests.Fault(message),
    };

    private static Refusal Missing(object message, string field) =>
        new(RefusalKind.InvalidArgument, $"{message.GetType().Name}.{field} is null");
}
