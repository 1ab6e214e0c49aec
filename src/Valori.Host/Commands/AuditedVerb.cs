using Valori.Host.Security;

namespace Valori.Host.Commands;

/// <summary>What a verb does as an administrator, in the audit log of its directory.</summary>
internal static class AuditedVerb
{
    /// <exception cref="AuditException">The line cannot be written.</exception>
    public static void Write(string directory, string verb, string target) =>
        new AuditLog(directory, TimeProvider.System).Write(new AuditLine(verb, target, Key: null, Address: null) { User = Environment.UserName });
}
