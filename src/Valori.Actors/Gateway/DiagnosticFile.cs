using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Valori.Actors.Settings;
using Valori.Actors.State;
using Valori.Kernel;

namespace Valori.Actors.Gateway;

/// <summary>What a broken invariant leaves behind for its repair: where the engine was, and what happened. No content.</summary>
internal static class DiagnosticFile
{
    /// <summary>Writes it into the data directory, or the temporary one if there is none; returns a sentence that says where it is.</summary>
    public static string Write(ValoriSettings settings, string name, DurableView? published, Exception cause, DateTimeOffset now)
    {
        string path = Path.Combine(
            settings.DataDirectory ?? Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"diagnostic-{name}-{now.UtcDateTime:yyyyMMdd'T'HHmmss'.'ffffff'Z'}.txt"));
        try
        {
            File.WriteAllText(path, Text(name, published, cause, now));
            return $"See {path} for details";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} could not be written: {e.Message}";
        }
    }

    private static string Text(string name, DurableView? published, Exception cause, DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture, $"""
        time       {now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}
        valori     {typeof(DiagnosticFile).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}
        runtime    {RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors
        memory     {Environment.WorkingSet} B of the process, {GC.GetTotalMemory(forceFullCollection: false)} B of the heap
        engine     {name}
        published  {(published is null ? "nothing" : published.Place.ToString())}
        holds      {(published?.View is { } view ? TextOf(view) : "")}

        {cause}

        """);

    private static string TextOf(View view) =>
        $"{view.Schema}; {view.RecordCount} of {view.RecordSlots} records, {view.NodeCount} of {view.NodeSlots} nodes, {view.EdgeCount} of {view.EdgeSlots} edges, version {view.Version}";
}
