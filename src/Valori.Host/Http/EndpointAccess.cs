using Valori.Host.Operations;
using Valori.Host.Security;

namespace Valori.Host.Http;

/// <summary>Who may ask an endpoint. Every endpoint has one: what has none is refused to everybody (<see cref="KeyCheck"/>).</summary>
/// <param name="Role">The least role; null if no key is needed.</param>
/// <param name="IsOfCollection">Whether the path names the collection that it is about.</param>
/// <param name="IsOfService">Whether it is about the service as a whole, which a key that is limited to collections may not touch.</param>
internal sealed record EndpointAccess(KeyRole? Role, bool IsOfCollection = false, bool IsOfService = false)
{
    /// <summary>Anyone may ask, with a key or without.</summary>
    public static readonly EndpointAccess Anyone = new((KeyRole?)null);

    public static EndpointAccess Of(Operation operation)
    {
        KeyRole role = operation.Kind switch
        {
            OperationKind.Read => KeyRole.Read,
            OperationKind.Write => KeyRole.Write,
            OperationKind.Admin => KeyRole.Admin,
            _ => throw new ArgumentException($"{operation.Name} has the kind {operation.Kind}, which no role has", nameof(operation)),
        };
        return new EndpointAccess(role, operation.NamesCollection, KeyOperations.All.Contains(operation));
    }
}
