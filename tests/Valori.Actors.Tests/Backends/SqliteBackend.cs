using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Valori.Actors.Tests.Backends;

/// <summary>The embedded default. Each engine has a directory of its own; statements are for journal.db of one of them.</summary>
public sealed class SqliteBackend(string name = ValoriOptions.DefaultName) : Backend
{
    protected override DbConnection Connect() => new SqliteConnection($"Data Source={Path.Combine(DirectoryOf(name), "journal.db")};Pooling=False");
}
