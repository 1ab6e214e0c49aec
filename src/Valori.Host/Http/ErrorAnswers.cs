using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Valori.Host.Json;
using Valori.Host.Operations;
using Valori.Host.Security;

namespace Valori.Host.Http;

/// <summary>Every failure as problem details (RFC 9457) with the message that names the value.</summary>
internal static class ErrorAnswers
{
    public static void UseErrorAnswers(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = AnswerAsync,
            // A refusal is an answer, not a failure of the service: only what is unexpected goes into the log, below.
            SuppressDiagnosticsCallback = _ => true,
        });
        // What never reaches an endpoint (404, 405) has a body too.
        app.UseStatusCodePages(async pages =>
        {
            HttpRequest request = pages.HttpContext.Request;
            int status = pages.HttpContext.Response.StatusCode;
            string message = status switch
            {
                StatusCodes.Status404NotFound => $"there is no {request.Path}",
                StatusCodes.Status405MethodNotAllowed => $"{request.Path} does not support {request.Method}, but {pages.HttpContext.Response.Headers.Allow}",
                _ => $"{request.Method} {request.Path} failed",
            };
            string title = status == StatusCodes.Status404NotFound ? "not_found" : "invalid_request";
            await JsonAnswer.SendProblemAsync(pages.HttpContext, status, title, message);
        });
    }

    /// <summary>Refuses what a foreign web page sends, before anything of it is carried out.</summary>
    public static void UseHostCheck(this WebApplication app, string urls)
    {
        HostCheck? check = null;
        app.Use((context, next) =>
        {
            check ??= new HostCheck(urls.Split(';'), context.RequestServices.GetRequiredService<HttpSettings>().Hosts);
            return check.RefusalOf(context.Request) is var (status, title, detail)
                ? JsonAnswer.SendProblemAsync(context, status, title, detail)
                : next(context);
        });
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        IExceptionHandlerFeature failed = context.Features.Get<IExceptionHandlerFeature>()!;
        Exception error = failed.Error;
        bool isRead = failed.Endpoint?.Metadata.GetMetadata<Operation>() is { Kind: OperationKind.Read };
        (int status, string kind, string message) = Describe(error, isRead);
        if (status == StatusCodes.Status500InternalServerError)
        {
            LoggerOf(context).LogError(error, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
        }
        // An operator's matter, such as a full disk, and no bug: without a stack trace.
        if (error is DataDirectoryException or AuditException) LoggerOf(context).LogError("{Method} {Path} failed: {Message}", context.Request.Method, context.Request.Path, error.Message);
        if (status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = KeyCheck.InvalidToken;
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = "1";
        await JsonAnswer.SendProblemAsync(context, status, kind, message);
    }

    private static ILogger LoggerOf(HttpContext context) => context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ErrorAnswers).FullName!);

    /// <param name="isRead">Whether the request changes nothing.</param>
    private static (int Status, string Kind, string Message) Describe(Exception error, bool isRead) => error switch
    {
        KeyEndedException => (StatusCodes.Status401Unauthorized, "unauthorized", error.Message),
        AuditException => (StatusCodes.Status507InsufficientStorage, "storage_failed", "the audit log of the service cannot be written, and nothing was done; its log says why"),
        ForbiddenException => (StatusCodes.Status403Forbidden, "forbidden", error.Message),
        DataDirectoryException => (StatusCodes.Status503ServiceUnavailable, "keys_failed",
            "the API keys cannot be read or written; the log says why. Look at the list of keys before you try again"),
        RequestException => (StatusCodes.Status400BadRequest, "invalid_request", error.Message),
        BadHttpRequestException bad => (bad.StatusCode, "invalid_request", bad.Message),
        // Kestrel's, of a chunk whose size is not a number of 31 bits.
        IOException { InnerException: OverflowException } => (StatusCodes.Status400BadRequest, "invalid_request", error.Message),
        RefusedException refused => (StatusOf(refused.Refusal.Kind), AnswerJson.Word(refused.Refusal.Kind), error.Message),
        EngineException failed => (StatusOf(failed.Kind), AnswerJson.Word(failed.Kind), error.Message),
        OperationCanceledException or ConnectionResetException or ConnectionAbortedException => (StatusCodes.Status499ClientClosedRequest, "cancelled", "the client went away"),
        OutOfMemoryException when isRead => (StatusCodes.Status429TooManyRequests, AnswerJson.Word(EngineFailureKind.Overloaded),
            "the process has not enough memory left for the answer; ask for less at once, or try again later"),
        _ => (StatusCodes.Status500InternalServerError, "internal_error", "an unexpected error; see the log of the service"),
    };

    private static int StatusOf(RefusalKind kind) => kind switch
    {
        RefusalKind.InvalidArgument => StatusCodes.Status400BadRequest,
        RefusalKind.NotFound => StatusCodes.Status404NotFound,
        RefusalKind.LimitExceeded => StatusCodes.Status413PayloadTooLarge,
        RefusalKind.Conflict => StatusCodes.Status409Conflict,
        RefusalKind.OutOfReach => StatusCodes.Status410Gone,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    private static int StatusOf(EngineFailureKind kind) => kind switch
    {
        EngineFailureKind.Overloaded => StatusCodes.Status429TooManyRequests,
        EngineFailureKind.SnapshotFailed => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status503ServiceUnavailable,
    };
}
