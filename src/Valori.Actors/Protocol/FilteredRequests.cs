namespace Valori.Protocol;

/// <summary>
/// Requests with filters, looked at before they leave the caller, before they become bytes, and by the gateway: on the wire, a field's name that
/// was written without the prefix looks like one that was written with it.
/// </summary>
internal static class FilteredRequests
{
    /// <summary>Why a filter of the request is about a property that is not a field, or null.</summary>
    public static Refusal? Fault(object request) => request switch
    {
        Request { Command: { } command } => command.FilterFault,
        Authored { Command: { } command } => command.FilterFault,
        Command command => command.FilterFault,
        Query query => query.FilterFault,
        _ => null,
    };
}
