using Microsoft.Extensions.VectorData;

namespace Valori.VectorData;

/// <summary>What an engine refuses or cannot do, as exceptions of the abstractions: they say which store, collection and operation it was.</summary>
internal sealed class StoreFailures(string store, string? collection)
{
    public const string SystemName = "valori";

    public async Task GuardAsync(string operation, Func<Task> task)
    {
        try
        {
            await task().ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfEngine(e))
        {
            throw Of(operation, e);
        }
    }

    public async Task<T> GuardAsync<T>(string operation, Func<Task<T>> task)
    {
        try
        {
            return await task().ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfEngine(e))
        {
            throw Of(operation, e);
        }
    }

    public VectorStoreException Of(string operation, Exception e) => new(e.Message, e)
    {
        VectorStoreSystemName = SystemName,
        VectorStoreName = store,
        CollectionName = collection,
        OperationName = operation,
    };

    // A format: something is stored that the definition does not allow. A caller's misuse and cancelling stay what they are.
    public static bool IsOfEngine(Exception e) => e is RefusedException or EngineException or DataDirectoryException or JournalException or FormatException;
}
