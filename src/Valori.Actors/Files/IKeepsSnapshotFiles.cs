namespace Valori.Actors.Files;

/// <summary>
/// Marks a snapshot store that keeps its snapshots as files of the data directory: the settings learn it from the class that is
/// configured, and know no store.
/// </summary>
internal interface IKeepsSnapshotFiles;
