using System.Net;

namespace Valori.Host.Http;

/// <summary>
/// Refuses what a foreign web page sends through its reader's browser. A page that has its own name lead to this machine (DNS
/// rebinding) is known by the name in Host, any other page by its Origin.
/// </summary>
internal sealed class HostCheck
{
    private const string AnyHost = "*";

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { "localhost" };

    /// <param name="urls">What the service listens on.</param>
    /// <param name="hosts">Further names, or <c>*</c> for any.</param>
    public HostCheck(IEnumerable<string> urls, IEnumerable<string> hosts)
    {
        _names.UnionWith(urls.Select(url => BindingAddress.Parse(url).Host).Where(host => host is not (AnyHost or "+")));
        _names.UnionWith(hosts);
    }

    /// <summary>Why the request is not answered, or null when it is.</summary>
    public (int Status, string Title, string Detail)? RefusalOf(HttpRequest request)
    {
        if (!IsOurs(request.Host))
        {
            return (StatusCodes.Status421MisdirectedRequest, "invalid_request",
                $"the request is for the host '{request.Host}', which is not a name of this service: use an IP address, a name in --urls, or list the name in valori.http.hosts");
        }
        if (request.Headers.Origin is { Count: > 0 } origin && !IsOriginOf(origin.ToString(), request.Host))
        {
            return (StatusCodes.Status403Forbidden, "forbidden",
                $"the request comes from a web page of '{origin}', not of '{request.Host}': pages of other origins may not use this service");
        }
        return null;
    }

    // An IP address cannot be rebound. HTTP/1.0 has no Host, and no browser sends it.
    private bool IsOurs(HostString host) =>
        !host.HasValue || IPAddress.TryParse(host.Host, out _) || _names.Contains(host.Host) || _names.Contains(AnyHost);

    // Behind a proxy that speaks https the scheme of the page is another one.
    private static bool IsOriginOf(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Scheme is "http" or "https"
        && Uri.TryCreate($"{page.Scheme}://{host}", UriKind.Absolute, out Uri? asked)
        && string.Equals(page.Host, asked.Host, StringComparison.OrdinalIgnoreCase) && page.Port == asked.Port;
}
