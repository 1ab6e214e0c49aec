namespace Valori.Host.Json;

/// <summary>The answer of the dialect to a line that was refused, or failed: <c>{"error":"..."}</c>.</summary>
internal sealed record ErrorAnswer(string Error);
