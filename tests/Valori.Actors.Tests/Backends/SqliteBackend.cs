using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Valori.Actors.Tests.Backends;

/// <summary>The embedded default: journal.db of the default engine.</summary>
public sealed class SqliteBackend : Backend
{
    protected override DbConnection Connect() => new SqliteConnection($"Data Source={Path.Combine(DirectoryOf(), "journal.db")};Pooling=False");
}
