namespace Valori.Host.Files;

/// <summary>A vector file that is not what its name says; the message names file, place, what was expected and found.</summary>
internal sealed class VectorFileException(string message, Exception? inner = null) : Exception(message, inner);
