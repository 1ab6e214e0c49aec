using Valori.Protocol;

namespace Valori;

public sealed partial class ValoriEngine
{
    /// <summary>An empty transaction for this engine.</summary>
    public Transaction NewTransaction() => new(Schema);

    /// <summary>Carries out all commands of a transaction, in order, as one event, or none of them.</summary>
    /// <returns>The ids of what they created, with the receipt.</returns>
    /// <exception cref="RefusedException">A command was refused; the message begins with its place, counted from 0. Nothing was done.</exception>
    public async Task<TransactionReceipt> TransactAsync(Transaction transaction, CancellationToken cancellationToken = default)
    {
        Transact command = transaction.ToCommand();
        return new TransactionReceipt(transaction, command, await SendAsync(command, cancellationToken).ConfigureAwait(false));
    }
}
