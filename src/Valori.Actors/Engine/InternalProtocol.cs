using System.Diagnostics;
using Akka.Actor;
using Valori.Kernel;

namespace Valori.Actors.Engine;

// Between a gateway and its engine, query and restore actors. Never leaves the process.

/// <summary>A request that the gateway keeps a ticket for, until it is answered or the engine is gone.</summary>
internal sealed record Submit(long Ticket, object Request) : INoSerializationVerificationNeeded
{
    /// <summary>When nobody waits for the answer any more (<see cref="Stopwatch"/>); 0 for never.</summary>
    public long Deadline { get; init; }
}

/// <summary>The answer to a ticket.</summary>
internal sealed record Answer(long Ticket, object Reply) : INoSerializationVerificationNeeded;

/// <summary>The engine has recovered and published its View.</summary>
internal sealed record EngineOnline(IActorRef Engine) : INoSerializationVerificationNeeded;

/// <summary>The journal holds no such engine, and none was to be created.</summary>
/// <param name="CannotBeCreated">Why none could be, if one was to be.</param>
internal sealed record EngineMissing(Refusal? CannotBeCreated) : INoSerializationVerificationNeeded;

/// <summary>The engine is about to stop because of a fault.</summary>
/// <param name="IsFinal">Whether recovering again cannot help: the journal is not what was written.</param>
internal sealed record EngineFailing(string Reason, bool IsFinal) : INoSerializationVerificationNeeded;

/// <summary>An <see cref="Invariant"/> does not hold: the engine must not answer any more.</summary>
internal sealed record InvariantBroken(Exception Cause) : INoSerializationVerificationNeeded;

/// <summary>The recovery has come to this event.</summary>
internal sealed record RecoveryProgress(long SequenceNr) : INoSerializationVerificationNeeded;

/// <summary>Finish what is pending, then stop.</summary>
internal sealed record StopEngine : INoSerializationVerificationNeeded
{
    public static readonly StopEngine Instance = new();
}

/// <summary>The journal's end mark is to be brought up to date.</summary>
internal sealed record MarkEnd : INoSerializationVerificationNeeded;

/// <summary>The end mark names this event now, or why not.</summary>
internal sealed record EndMarked(long SequenceNr, Exception? Fault) : INoSerializationVerificationNeeded;

/// <summary>What is asked at the end of a recovery was not answered in time.</summary>
internal sealed record StartCheckOverdue : INoSerializationVerificationNeeded;

/// <summary>Records have expired, or it is time to look at the clock again.</summary>
internal sealed record ExpireDue : INoSerializationVerificationNeeded
{
    public static readonly ExpireDue Instance = new();
}

/// <summary>The time to finish what is pending is over.</summary>
internal sealed record StopNow : INoSerializationVerificationNeeded;

/// <summary>The next step of freeing memory is due.</summary>
internal sealed record FreeMemory : INoSerializationVerificationNeeded
{
    public static readonly FreeMemory Instance = new();
}

/// <summary>The past that was kept when memory was freed is old enough to be forgotten.</summary>
internal sealed record ForgetOlder : INoSerializationVerificationNeeded
{
    public static readonly ForgetOlder Instance = new();
}

/// <summary>The space of dropped journal events was given back to the system, or why not.</summary>
internal sealed record SpaceGivenBack(string? Fault) : INoSerializationVerificationNeeded;

/// <summary>The engine's answer to an upload. Wrapped, because a receipt or a refusal by itself could come from any process.</summary>
internal sealed record RestoreAnswered(object Reply) : INoSerializationVerificationNeeded;

/// <summary>Verified snapshot bytes, spooled to a file, and the kernel that they decode to: make them the state.</summary>
internal sealed record AdoptSnapshot(SnapshotContent Content, string SpoolPath) : INoSerializationVerificationNeeded;
