namespace Valori;

/// <summary>
/// The journal's database cannot be served from: another process has it, or it does not keep what it acknowledges. The message says
/// which, why, and what to do.
/// </summary>
public sealed class JournalException(string message, Exception? inner = null) : IOException(message, inner);
