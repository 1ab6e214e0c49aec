using Akka.Actor;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Valori.Actors;

/// <summary>Alive: the ActorSystem runs, and its guardian takes messages. Asks no database.</summary>
internal sealed class ValoriLiveCheck(ActorSystem system) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (system.WhenTerminated.IsCompleted) return new HealthCheckResult(context.Registration.FailureStatus, "the ActorSystem has ended: restart the process");
        try
        {
            IActorRef guardian = ValoriExtension.Get(system).Guardian;
            ActorIdentity answer = await guardian.Ask<ActorIdentity>(new Identify(null), Patience, cancellationToken).ConfigureAwait(false);
            return answer.Subject is null ? new HealthCheckResult(context.Registration.FailureStatus, "the guardian is gone: restart the process") : HealthCheckResult.Healthy();
        }
        catch (AskTimeoutException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"the guardian did not answer within {Patience.TotalSeconds} s");
        }
    }
}

/// <summary>
/// Ready: every collection of the options answers, and the journal is the one that they come from and can be written. Degraded if queries are
/// answered, but something needs attention: a collection recovers, memory is short, or the last scrub found damage.
/// </summary>
internal sealed class ValoriReadyCheck(ValoriDatabase database, HostedEngines engines) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        HealthStatus bad = context.Registration.FailureStatus;
        if (database.ActorSystem.WhenTerminated.IsCompleted) return new HealthCheckResult(bad, "the ActorSystem has ended: restart the process");
        try
        {
            (string? fault, string? attention) = await LookAsync(cancellationToken).WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
            return fault is not null ? new HealthCheckResult(bad, fault)
                : attention is not null ? HealthCheckResult.Degraded(attention)
                : HealthCheckResult.Healthy();
        }
        catch (TimeoutException)
        {
            return new HealthCheckResult(bad, $"the collections did not answer within {Patience.TotalSeconds} s");
        }
    }

    private async Task<(string? Fault, string? Attention)> LookAsync(CancellationToken cancellationToken)
    {
        ValoriExtension extension = ValoriExtension.Get(database.ActorSystem);
        List<EngineStatus> places = [];
        List<string> attention = [];
        foreach ((string name, ValoriCollectionSettings options) in database.Collections.OrderBy(collection => collection.Key, StringComparer.Ordinal))
        {
            try
            {
                string? recovering = null;
                ValoriEngine? engine = engines.Opened(name);
                try
                {
                    ValoriEngine asked = await extension.OpenAsync(name, options.Schema, create: false, wait: false, cancellationToken).ConfigureAwait(false);
                    engine ??= asked;
                }
                catch (EngineException e) when (e.Kind == EngineFailureKind.Recovering && engine is not null)
                {
                    // Queries may be answered from the last state meanwhile.
                    recovering = e.Message;
                }
                places.Add(await engine.StatusAsync(cancellationToken: cancellationToken).ConfigureAwait(false));
                if (recovering is not null) attention.Add($"{name}: queries are answered, but no commands: {recovering}");
            }
            catch (Exception e) when (e is EngineException or RefusedException)
            {
                return ($"{name}: {e.Message}", null);
            }
        }
        if (extension.JournalWatch is { } watch && await watch.LookAsync(places).ConfigureAwait(false) is { Fault: { } fault }) return (fault, null);
        if (extension.MemoryIsShort) attention.Add("memory is short: commands that add something may be refused (valori.max-memory-bytes)");
        if (extension.LastScrub is { IsGood: false } scrub) attention.Add($"{scrub}: {string.Join("; ", scrub.BadPlaces)}");
        return (null, attention.Count == 0 ? null : string.Join("; ", attention));
    }
}
