using Microsoft.Data.Sqlite;

namespace Valori.Host.Tests.Support;

/// <summary>The rows of a journal, which no process has open if they are changed.</summary>
internal static class JournalRows
{
    /// <summary>Whether there are rows of an id. Another process may have the journal open.</summary>
    public static bool HasAny(string directory, string persistenceId)
    {
        using SqliteConnection journal = new($"Data Source={Path.Combine(directory, "journal.db")};Pooling=False");
        journal.Open();
        using SqliteCommand command = journal.CreateCommand();
        command.CommandText = "SELECT EXISTS(SELECT 1 FROM journal WHERE persistence_id = $id)";
        command.Parameters.AddWithValue("$id", persistenceId);
        return command.ExecuteScalar() is not 0L;
    }

    /// <summary>Carries out statements.</summary>
    public static void Run(string directory, string statements)
    {
        using SqliteConnection journal = new($"Data Source={Path.Combine(directory, "journal.db")};Pooling=False");
        journal.Open();
        using SqliteCommand command = journal.CreateCommand();
        command.CommandText = statements;
        Assert.True(command.ExecuteNonQuery() > 0, statements);
    }

    /// <summary>Flips the lowest bit of one byte of an event's row.</summary>
    public static void FlipBit(string directory, string persistenceId, int sequenceNr, Index index)
    {
        using SqliteConnection journal = new($"Data Source={Path.Combine(directory, "journal.db")};Pooling=False");
        journal.Open();
        using SqliteCommand command = journal.CreateCommand();
        command.CommandText = "SELECT message FROM journal WHERE persistence_id = $id AND sequence_number = $nr";
        command.Parameters.AddWithValue("$id", persistenceId);
        command.Parameters.AddWithValue("$nr", sequenceNr);
        byte[] message = (byte[])command.ExecuteScalar()!;
        message[index] ^= 1;
        command.CommandText = "UPDATE journal SET message = $message WHERE persistence_id = $id AND sequence_number = $nr";
        command.Parameters.AddWithValue("$message", message);
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
