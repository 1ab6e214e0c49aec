using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Gateway;

/// <summary>Who waits for an engine to be opened, in the order in which they asked.</summary>
internal sealed class Openers
{
    private readonly List<(IActorRef Client, OpenEngine Request)> _waiting = [];

    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>What the first one asked for; null if no caller waits.</summary>
    public OpenEngine? First => IsEmpty ? null : _waiting[0].Request;

    public void Add(IActorRef client, OpenEngine request) => _waiting.Add((client, request));

    /// <summary>Removes all of them.</summary>
    public (IActorRef Client, OpenEngine Request)[] TakeAll() => Take(_ => true);

    /// <summary>Removes those whose request is such a one.</summary>
    public (IActorRef Client, OpenEngine Request)[] Take(Predicate<OpenEngine> isSuch)
    {
        (IActorRef, OpenEngine)[] taken = [.. _waiting.Where(opener => isSuch(opener.Request))];
        _waiting.RemoveAll(opener => isSuch(opener.Request));
        return taken;
    }
}
