using System.Diagnostics;
using System.Text.Json;
using Valori.Actors.Text;
using Valori.Host.Json;
using Valori.Host.Operations;

namespace Valori.Host.Commands;

/// <summary>The JSON-lines dialect of docs/formats.md, section 9: one object in, one object out, in order.</summary>
/// <param name="collection">The name of the collection that operations are about.</param>
internal sealed class ExecDialect(ICollections collections, string collection)
{
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RecoveryPollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The answer to one line. What is wrong with the line, or refused by the engine, is an answer too, and so is the failure of another
    /// collection, which the lines after this one are not about. Only if the collection's own engine cannot answer, this throws.
    /// </summary>
    /// <exception cref="EngineException">The engine of the collection could not answer.</exception>
    public async Task<ExecAnswer> AnswerAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        bool isOfAnother = false;
        try
        {
            using JsonDocument document = JsonFields.Parse(line);
            string op = JsonFields.OfAny(document.RootElement).String("op");
            Operation operation = OperationTable.Find(op) ?? throw Unknown(op);
            // Before anything is carried out: a field that is not read would not be missed.
            JsonFields fields = new(document.RootElement, operation.Line);
            isOfAnother = !operation.IsOfCollection && fields.OptionalString("name") != collection;
            return new ExecAnswer(await AnswerAsync(operation, fields, cancellationToken), operation.Answer);
        }
        catch (Exception e) when (e is RequestException or RefusedException or IOException or UnauthorizedAccessException)
        {
            return ExecAnswer.Error(e.Message);
        }
        catch (EngineException e) when (isOfAnother)
        {
            return ExecAnswer.Error(e.Message);
        }
    }

    private async Task<object> AnswerAsync(Operation operation, JsonFields fields, CancellationToken cancellationToken)
    {
        OperationContext on = operation.IsOfCollection
            ? new OperationContext(collections, Named(await collections.GetAsync(collection, cancellationToken), fields))
            : new OperationContext(collections);
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                // Anew each time: a file that was read is at its end.
                return await operation.AnswerAsync(on, operation.Request.Bind(field => field.FromJson(fields)), cancellationToken);
            }
            catch (EngineException e) when (e.Kind == EngineFailureKind.Recovering && Stopwatch.GetElapsedTime(start) < RecoveryPatience)
            {
                // Nothing was done, so trying again cannot do it twice.
                await Task.Delay(RecoveryPollInterval, cancellationToken);
            }
        }
    }

    private static ValoriEngine Named(ValoriEngine engine, JsonFields fields) =>
        fields.OptionalString(FieldNames.RequestId) is { } request ? engine.WithRequestId(request) : engine;

    private static RequestException Unknown(string op) => new(
        $"unknown op '{Spelling.Shown(op)}'{(Spelling.Nearest(op, OperationTable.Names) is { } near ? $": did you mean '{near}'" : "")}; "
        + $"known are {string.Join(", ", OperationTable.Names)}");
}
