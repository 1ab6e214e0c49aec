namespace Valori.Host.Json;

/// <summary>A request that is not what its operation takes; the message names the field and what was found.</summary>
internal sealed class RequestException(string message) : Exception(message);
