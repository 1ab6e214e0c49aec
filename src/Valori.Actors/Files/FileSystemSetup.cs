using Akka.Actor.Setup;

namespace Valori.Actors.Files;

/// <summary>The file system that the engines of an ActorSystem use for what they keep beside the journal; the simulation's, or the disk.</summary>
internal sealed class FileSystemSetup(IFileSystem files) : Setup
{
    public IFileSystem Files { get; } = files;

    public static IFileSystem Of(Akka.Actor.ActorSystem system) =>
        system.Settings.Setup.Get<FileSystemSetup>() is { HasValue: true } setup ? setup.Value.Files : DiskFileSystem.Instance;
}
