namespace Valori.Host.Security;

/// <summary>The audit log cannot be written, so an action of an administrator was not begun.</summary>
internal sealed class AuditException(string message, Exception? inner) : IOException(message, inner);
