using System.Text.Json.Serialization.Metadata;
using Valori.Host.Json;
using Valori.Protocol;

namespace Valori.Host.Operations;

/// <summary>An operation with its request, its answer, and what carries it out.</summary>
/// <typeparam name="TRequest">A record whose constructor's parameters are the fields; those with a default may be left out.</typeparam>
/// <typeparam name="TAnswer">What becomes the JSON of the answer.</typeparam>
/// <param name="takesQuery">Whether a request with a body has its fields in the query nevertheless.</param>
internal sealed class Operation<TRequest, TAnswer>(
    OperationKind kind, string name, string route, string summary, Func<OperationContext, TRequest, CancellationToken, Task<TAnswer>> carryOut, bool takesQuery = false)
    : Operation(kind, name, route, summary, typeof(TRequest), takesQuery)
    where TRequest : class
    where TAnswer : class
{
    public override JsonTypeInfo Answer => field ??= AnswerJson.Options.GetTypeInfo(typeof(TAnswer));

    /// <summary>How many hits the answer may have, if it is one with hits.</summary>
    public Func<TRequest, HitCount>? Hits { private get; init; }

    /// <summary>The command that the request asks for, if a transaction can hold it.</summary>
    public Func<EngineSchema, TRequest, Command>? ToCommand { private get; init; }

    public override bool CanBePart => ToCommand is not null;

    public override Command CommandOf(EngineSchema schema, object request) => ToCommand!(schema, (TRequest)request);

    public override HitCount? HitsOf(object request) => Hits?.Invoke((TRequest)request);

    public override async Task<object> AnswerAsync(OperationContext context, object request, CancellationToken cancellationToken) =>
        await carryOut(context, (TRequest)request, cancellationToken);
}
