using System.Text.Json;
using Valori.Host.Json;

namespace Valori.Host.Http;

/// <summary>
/// The hits of a search as JSON, written while they are sent: as text they take four times the memory. The budget was asked for
/// them before the search was carried out.
/// </summary>
internal sealed class SearchAnswer(object value, TransferHold hold) : IResult
{
    public async Task ExecuteAsync(HttpContext context)
    {
        context.Response.ContentType = JsonAnswer.ContentType;
        if (hold.Bytes > TransferBudget.FreeBytes) JsonAnswer.AskForSpeed(context);
        await JsonSerializer.SerializeAsync(context.Response.BodyWriter, value, value.GetType(), Answers.Options, context.RequestAborted);
    }
}
