using System.Globalization;
using System.Text;
using Valori.Kernel.Blake3;
using Valori.Protocol;

namespace Valori;

// Commands on all records that match a filter. Each is carried out in steps of at most 1,000 records, by id: a step is one event, which
// is decided on the state right before it, and other commands go on between the steps.
public sealed partial class ValoriEngine
{
    // Frozen: a request that is sent again after an update must have the same steps.
    private static readonly HashContext StepOfARequest = new("Valori 2026-11-28 v1 step of a request");

    /// <summary>
    /// Deletes the records that match a filter, as <see cref="SoftDeleteAsync"/> does, in steps. A record is deleted if it matches
    /// the filter at the moment of its step. If a step fails, those before it are done, and the exception's message says how many records that were.
    /// </summary>
    /// <remarks>
    /// With a request id (<see cref="WithRequestId"/>), sending it again goes on where it stopped, and its answer counts all. It is
    /// one of the requests that are remembered (<c>valori.remembered-requests</c>), and as many later steps are. Steps that were forgotten are taken
    /// again: that deletes what matches the filter by then. Cancelling stops between two steps.
    /// </remarks>
    /// <param name="filter"><see cref="Filter.All"/> for all records.</param>
    /// <param name="limit">The maximum number of records, at least 1.</param>
    public Task<ChangedRecords> DeleteWhereAsync(Filter filter, long limit = long.MaxValue, CancellationToken cancellationToken = default) =>
        InStepsAsync("deleted", limit, (from, count) => new DeleteWhere(filter, from, count), cancellationToken);

    /// <summary>
    /// Changes the fields of the records that match a filter, as <see cref="SetFieldsAsync"/> does, in steps. A record that cannot
    /// have such fields is refused, and named.
    /// </summary>
    /// <param name="mode"><see cref="FieldsMode.Merge"/> leaves the other fields, <see cref="FieldsMode.Replace"/> removes them.</param>
    /// <inheritdoc cref="DeleteWhereAsync"/>
    public Task<ChangedRecords> SetFieldsWhereAsync(
        Filter filter, Fields fields, FieldsMode mode = FieldsMode.Merge, long limit = long.MaxValue, CancellationToken cancellationToken = default) =>
        InStepsAsync("changed", limit, (from, count) => new SetFieldsWhere(filter, from, count, mode, fields, []), cancellationToken);

    /// <summary>Removes the fields with these names, and those below them, of the records that match a filter, in steps.</summary>
    /// <inheritdoc cref="DeleteWhereAsync"/>
    public Task<ChangedRecords> RemoveFieldsWhereAsync(
        Filter filter, IReadOnlyList<string> names, long limit = long.MaxValue, CancellationToken cancellationToken = default) =>
        InStepsAsync("changed", limit, (from, count) => new SetFieldsWhere(filter, from, count, FieldsMode.Remove, Fields.Empty, names), cancellationToken);

    private async Task<ChangedRecords> InStepsAsync(string done, long limit, Func<ulong, int, Command> step, CancellationToken cancellationToken)
    {
        if (limit < 1) throw new RefusedException(new Refusal(RefusalKind.InvalidArgument, $"limit is {limit}; it must be at least 1"));
        long count = 0;
        ulong from = 0;
        for (int number = 0; ; number++)
        {
            Receipt receipt;
            try
            {
                // The whole of what is left, so that another limit is another command.
                Command command = step(from, (int)Math.Min(limit - count, int.MaxValue));
                receipt = await AskAsync<Receipt>(Named(command, _request is null ? null : StepOf(_request, number)), cancellationToken).ConfigureAwait(false);
            }
            catch (RefusedException e) when (number > 0)
            {
                throw new RefusedException(e.Refusal with { Message = e.Message + HowMuch() });
            }
            catch (EngineException e) when (number > 0)
            {
                throw new EngineException(e.Kind, e.Message + HowMuch(), e);
            }
            count += receipt.Count;
            from = receipt.FirstId;
            if (from == 0 || count == limit) return new ChangedRecords(count, IsComplete: from == 0, receipt);
        }

        string HowMuch() => string.Create(CultureInfo.InvariantCulture, $"; before that, {count} records were {done}");
    }

    /// <summary>The request id of a step: that of the whole for the first, and for the others one that nobody else chooses.</summary>
    private static RequestId StepOf(RequestId request, int number) => number == 0
        ? request
        : RequestId.Parse(StepOfARequest.Hash(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number} {request.Value}"))).ToString());
}
