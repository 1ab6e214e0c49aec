namespace Valori.Host.Security;

/// <summary>The key of a request, or that it needs none, is not valid any more when the request would change something.</summary>
internal sealed class KeyEndedException() : Exception("the API key of this request was revoked or has expired since it began, or the service has keys since then");
