using System.CommandLine;
using Valori.Actors.Sqlite;

namespace Valori.Host.Commands;

/// <summary><c>valori drop</c>: deletes a collection with everything that belongs to it.</summary>
internal static class DropCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo?> data = AuditedStore.Data("Only one process at a time can use it.");
        Option<FileInfo?> config = AuditedStore.ConfigToWrite();
        // No default: a collection that was not named must not be lost.
        Option<string> collection = new("--collection") { Description = "The collection to drop.", Required = true, HelpName = "NAME" };
        Option<bool> yes = new("--yes") { Description = "Do not ask." };
        Command command = new("drop", "Drop a collection: its events and snapshots are deleted, which cannot be undone. Also one that is damaged.")
        {
            data, config, collection, yes,
        };
        AuditedStore.Require(command, data, config);
        command.OnRun(async (parsed, cancellationToken) =>
        {
            AuditedStore store = AuditedStore.Of(parsed.GetValue(data), parsed.GetValue(config));
            string name = parsed.GetRequiredValue(collection);
            if (!parsed.GetValue(yes) && !await IsConfirmedAsync(name, store.Name, cancellationToken))
            {
                Console.Error.WriteLine("valori: nothing was dropped; answer 'yes', or use --yes");
                return ExitCode.Failed;
            }
            // On a medium that cannot be written the drop is refused, and says so.
            if (Directory.Exists(store.Directory) && !DataDirectory.IsReadOnly(store.Directory)) AuditedVerb.Write(store.Directory, "drop", name);
            await store.DropAsync(name, cancellationToken);
            Console.Out.WriteLine($"dropped {name}");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<bool> IsConfirmedAsync(string collection, string store, CancellationToken cancellationToken)
    {
        await Console.Error.WriteAsync($"Drop the collection '{collection}' of {store}, with all of its events and snapshots? This cannot be undone. [yes/no] ");
        // Standard input cannot be cancelled: a read without an answer is left behind.
        string? answer = await Console.In.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellationToken);
        return answer?.Trim().ToUpperInvariant() is "YES" or "Y";
    }
}
