using Row = Akka.Persistence.Sql.Journal.Types.JournalRow;

namespace Valori.Actors.Rows;

/// <summary>What a database does to a collection's rows besides appending: it lets them go, in steps that leave time for the writes of others. A step may be repeated. Thread-safe.</summary>
internal interface IDropTable
{
    /// <summary>The persistence ids of the collections that are being dropped. A row that is damaged drops nothing; an audit names it.</summary>
    Task<IReadOnlyList<string>> FindAsync();

    /// <summary>Writes the intent, if the collection has rows or is known elsewhere. Fails if nothing could be deleted after it.</summary>
    /// <returns>Whether the intent is durable.</returns>
    /// <exception cref="DropUndecidedException">Only another try tells.</exception>
    Task<bool> BeginAsync(string persistenceId, bool isKnownElsewhere, Row intent);

    /// <summary>Overwrites some messages, if a deletion would leave copies of them.</summary>
    /// <param name="after">The last sequence number that was overwritten before.</param>
    /// <returns>The last one now; null if none is left.</returns>
    Task<long?> EraseAsync(string persistenceId, long after);

    /// <summary>Deletes some rows.</summary>
    /// <returns>Whether some are left.</returns>
    Task<bool> DeleteAsync(string persistenceId);

    /// <summary>Writes the first two rows of a collection.</summary>
    /// <returns>False, and nothing is written, if it has rows.</returns>
    Task<bool> SeedAsync(Row dropped, Row next);

    /// <summary>Leaves no copy of what was deleted, as far as the database allows that, and removes the intent.</summary>
    Task EndAsync(string persistenceId);
}
