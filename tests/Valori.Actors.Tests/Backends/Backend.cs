using System.Data.Common;
using Akka.Configuration;

namespace Valori.Actors.Tests.Backends;

/// <summary>Where the engines of one test keep events and snapshots; gone afterwards. Files, unless a backend says otherwise.</summary>
public abstract class Backend : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>What selects it, in front of the defaults.</summary>
    public virtual Config Configuration { get; } = ConfigurationFactory.ParseString("akka { loglevel = OFF, stdout-loglevel = OFF }");

    /// <summary>The data directory of an engine, which has one also where nothing is kept in it.</summary>
    public string DirectoryOf(string name = ValoriOptions.DefaultName) => _directory.File(name);

    /// <summary>Opens an engine, with more HOCON in front.</summary>
    public Task<ValoriEngine> OpenAsync(int? dimension = null, string more = "", string name = ValoriOptions.DefaultName, TimeProvider? time = null) =>
        ValoriEngine.OpenAsync(DirectoryOf(name), new ValoriOptions
        {
            Name = name,
            Dimension = dimension,
            Time = time ?? TimeProvider.System,
            Configuration = ConfigurationFactory.ParseString(more).WithFallback(Configuration),
        });

    /// <summary>Opens an engine that must have, or gets, a schema.</summary>
    public Task<ValoriEngine> OpenAsync(WantedSchema schema) => ValoriEngine.OpenAsync(DirectoryOf(), new ValoriOptions
    {
        Dimension = schema.Dimension,
        Metric = schema.Metric,
        Scale = schema.Scale,
        Configuration = Configuration,
    });

    /// <summary>Runs a statement that has to change something.</summary>
    public void Execute(string sql, params (string Name, object Value)[] parameters) =>
        Assert.True(Run(sql, parameters, command => command.ExecuteNonQuery()) > 0, sql);

    public object? Scalar(string sql, params (string Name, object Value)[] parameters) =>
        Run(sql, parameters, command => command.ExecuteScalar());

    /// <summary>The sequence numbers of an engine's snapshots, oldest first.</summary>
    public virtual long[] Snapshots(string name = ValoriOptions.DefaultName) => Directory.Exists(SnapshotDirectory(name))
        ? [.. Directory.GetFiles(SnapshotDirectory(name)).Select(path => long.Parse(Path.GetFileNameWithoutExtension(path)[^20..])).Order()]
        : [];

    public virtual byte[] ReadSnapshot(long sequenceNr, string name = ValoriOptions.DefaultName) => File.ReadAllBytes(SnapshotPath(sequenceNr, name));

    public virtual void OverwriteSnapshot(long sequenceNr, byte[] bytes, string name = ValoriOptions.DefaultName) => File.WriteAllBytes(SnapshotPath(sequenceNr, name), bytes);

    public virtual void DeleteSnapshot(long sequenceNr, string name = ValoriOptions.DefaultName) => File.Delete(SnapshotPath(sequenceNr, name));

    public virtual void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract DbConnection Connect();

    private string SnapshotDirectory(string name) => Path.Combine(DirectoryOf(name), "snapshots");

    private string SnapshotPath(long sequenceNr, string name) => Path.Combine(SnapshotDirectory(name), $"valori-{name}-{sequenceNr:D20}.snapshot");

    private T Run<T>(string sql, (string Name, object Value)[] parameters, Func<DbCommand, T> run)
    {
        using DbConnection connection = Connect();
        connection.Open();
        using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in parameters)
        {
            DbParameter parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return run(command);
    }
}
