namespace Valori.Actors.Settings;

/// <summary>
/// Marks a journal plugin that takes the messages of a drop: with another one, which only knows how to delete events up to a sequence
/// number, a name would never be free again.
/// </summary>
internal interface IDropsEngines;
