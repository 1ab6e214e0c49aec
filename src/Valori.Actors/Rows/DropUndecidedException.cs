namespace Valori.Actors.Rows;

/// <summary>The commit of an intent was not answered: it may be durable, or become so later.</summary>
internal sealed class DropUndecidedException(Exception inner) : IOException(inner.Message, inner);
