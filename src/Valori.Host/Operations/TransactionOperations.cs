using System.Text.Json.Serialization;
using Valori.Host.Json;

namespace Valori.Host.Operations;

/// <param name="Commands">In the order in which they are carried out.</param>
internal sealed record TransactRequest(IReadOnlyList<PartRequest> Commands)
{
    public Transaction For(ValoriEngine engine)
    {
        Transaction transaction = engine.NewTransaction();
        foreach (PartRequest part in Commands) transaction.Add(JsonFields.At($"command {transaction.Count}", () => part.ToPart(engine.Schema)));
        return transaction;
    }
}

/// <summary>What one command of a transaction created.</summary>
/// <param name="Id">Of one that creates one thing.</param>
/// <param name="Ids">Of a batch.</param>
internal sealed record PartAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IEnumerable<ulong>? Ids)
{
    public static PartAnswer Of(Operation operation, IdRange created) =>
        operation.Answer.Type == typeof(CreatedBatchAnswer) || operation.Answer.Type == typeof(UpsertedBatchAnswer) ? new(null, CountedUp(created))
        : created.Count == 0 ? new(null, null)
        : new(created.First, null);

    private static IEnumerable<ulong> CountedUp(IdRange range)
    {
        for (int i = 0; i < range.Count; i++) yield return range.First + (ulong)i;
    }
}

/// <summary>All commands of a transaction were carried out.</summary>
/// <param name="Results">One a command, in order.</param>
internal sealed record TransactAnswer(IEnumerable<PartAnswer> Results, ReceiptAnswer Receipt);

/// <summary>Several commands as one.</summary>
internal static class TransactionOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<TransactRequest, TransactAnswer>(OperationKind.Write, "transact", "POST /transactions",
            "Carries out several commands as one event, or none of them.",
            async (on, request, stop) =>
            {
                TransactionReceipt done = await on.Engine.TransactAsync(request.For(on.Engine), stop);
                return new TransactAnswer(request.Commands.Zip(done.Created, (part, created) => PartAnswer.Of(part.Operation, created)), ReceiptAnswer.Of(done.Receipt));
            }),
    ];
}
