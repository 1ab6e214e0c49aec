namespace Valori;

/// <summary>The data directory cannot be used; the message says which, why, and what to do.</summary>
public sealed class DataDirectoryException(string message, Exception? inner = null) : IOException(message, inner);
