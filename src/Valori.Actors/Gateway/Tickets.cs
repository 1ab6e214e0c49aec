using System.Diagnostics;
using Akka.Actor;
using Valori.Actors.Engine;
using Valori.Protocol;

namespace Valori.Actors.Gateway;

/// <summary>Who waits for the answer to a command that the engine has.</summary>
/// <param name="Bytes">What it counts for in the limit of bytes in flight.</param>
/// <param name="IsOfRestore">Whether an upload asks, which takes its answer wrapped.</param>
internal sealed record Ticket(IActorRef Client, long Bytes, bool IsOfRestore)
{
    public static Ticket Of(object request, IActorRef client) => new(client, BytesOf(request), request is AdoptSnapshot);

    /// <summary>The span of the command, which ends with its answer; null if it is not traced.</summary>
    public Activity? Work { get; set; }

    public void Tell(object reply)
    {
        if (Work is { } work)
        {
            if (reply is Refusal or EngineFailure) work.SetStatus(ActivityStatusCode.Error, reply is Refusal refusal ? refusal.Message : ((EngineFailure)reply).Message);
            work.Dispose();
        }
        Client.Tell(IsOfRestore ? new RestoreAnswered(reply) : reply);
    }

    private static long BytesOf(object request) => request switch
    {
        Command command => command.ContentBytes,
        Request named => named.Command.ContentBytes,
        Authored authored => authored.Command.ContentBytes,
        _ => 0,
    };
}

/// <summary>The commands that an engine has taken and not answered, by number, and how many bytes they may be together.</summary>
/// <param name="maximumBytesInFlight">Of all of them; one alone may be larger.</param>
/// <param name="maximumBatchBytes">Of one.</param>
internal sealed class Tickets(long maximumBytesInFlight, long maximumBatchBytes)
{
    private readonly Dictionary<long, Ticket> _byNumber = [];

    public int Count => _byNumber.Count;

    public long BytesInFlight { get; private set; }

    /// <summary>Why there is no room for it, as an answer for its client; or null.</summary>
    public object? Refuse(Ticket ticket)
    {
        // One that is too large is so whatever else is in flight.
        if (ticket.Bytes > maximumBatchBytes)
        {
            return new Refusal(RefusalKind.LimitExceeded,
                $"the batch has {ticket.Bytes} bytes of vectors, tags, keys, fields and metadata; the limit is {maximumBatchBytes} (valori.max-batch-bytes): split it");
        }
        return BytesInFlight + ticket.Bytes > maximumBytesInFlight && Count > 0
            ? new EngineFailure(EngineFailureKind.Overloaded,
                $"{BytesInFlight} bytes of commands are in flight; the limit is {maximumBytesInFlight}; nothing was done, try again later")
            : null;
    }

    /// <param name="number">One that was never used before.</param>
    public void Add(long number, Ticket ticket)
    {
        _byNumber.Add(number, ticket);
        BytesInFlight += ticket.Bytes;
    }

    /// <summary>Removes one; null if it is not there, because it was answered when an engine went.</summary>
    public Ticket? Take(long number)
    {
        if (_byNumber.Remove(number, out Ticket? ticket)) BytesInFlight -= ticket.Bytes;
        return ticket;
    }

    /// <summary>Removes all of them.</summary>
    public Ticket[] TakeAll()
    {
        Ticket[] all = [.. _byNumber.Values];
        _byNumber.Clear();
        BytesInFlight = 0;
        return all;
    }
}
