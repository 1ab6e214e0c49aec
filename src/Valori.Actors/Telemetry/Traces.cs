using System.Collections.Concurrent;
using System.Diagnostics;

namespace Valori.Actors.Telemetry;

/// <summary>The one activity source of Valori (docs/telemetry.md in Valori's repository), and the names of operations.</summary>
internal static class Traces
{
    private static readonly ActivitySource Source = new(ValoriMetrics.Name);
    private static readonly ConcurrentDictionary<Type, string> Names = [];

    public static bool IsHeard => Source.HasListeners();

    /// <summary>A message's type as operations are named, such as <c>insert_records</c>.</summary>
    public static string NameOf(Type message) => Names.GetOrAdd(message, static type => Name(type.Name));

    /// <summary>A name of C# as tags have it.</summary>
    public static string Name(string name) =>
        string.Concat(name.Select((letter, i) => char.IsUpper(letter) && i > 0 ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    /// <summary>What a caller waits for; null if nobody listens.</summary>
    public static Activity? StartCall(string operation, string collection) => Describe(Source.StartActivity($"{operation} {collection}", ActivityKind.Client), operation, collection);

    /// <summary>What an engine does for a caller, who may be in another process.</summary>
    /// <param name="parent">Of the caller; default if it is not traced, and then this is not either.</param>
    public static Activity? StartWork(string operation, string collection, ActivityContext parent) =>
        parent == default ? null : Describe(Source.StartActivity($"valori {operation}", ActivityKind.Server, parent), operation, collection);

    private static Activity? Describe(Activity? activity, string operation, string collection) => activity?
        .SetTag(ValoriMetrics.System, ValoriMetrics.SystemName)
        .SetTag(ValoriMetrics.Operation, operation)
        .SetTag(ValoriMetrics.Collection, collection);
}
