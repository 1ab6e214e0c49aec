using System.Net;
using System.Text;
using Valori.Host.Security;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>Neither answers nor the log have a secret, a stack trace or a path of the machine, whatever a client sends.</summary>
public sealed class SecretTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Nothing_that_a_client_sends_brings_a_secret_a_path_or_a_stack_trace_into_an_answer_or_the_log()
    {
        KeyStore store = new(_directory.Path, TimeProvider.System);
        string key = store.Add("ops", KeyRole.Admin, null, null).Token, reader = store.Add("reader", KeyRole.Read, ["notes"], null).Token;
        string mistyped = key[..^1] + (key[^1] == '0' ? '1' : '0');
        StringBuilder answers = new();
        string log;
        await using (ValoriProcess process = ValoriProcess.Start("serve", "--data", _directory.Path, "--urls", "http://127.0.0.1:0"))
        {
            string line = await process.LineWithAsync("serving ");
            using HttpClient client = new() { BaseAddress = new Uri(line[line.IndexOf("http://", StringComparison.Ordinal)..]), Timeout = TimeSpan.FromSeconds(60) };
            foreach ((string method, string path, string? body, string type) in Requests(key))
            {
                foreach ((string header, string value) in new[] { ("api-key", key), ("api-key", reader), ("api-key", mistyped), ("Authorization", key), ("Authorization", $"Basic {key}"), ("X-Other", key) })
                {
                    using HttpRequestMessage request = new(new HttpMethod(method), path);
                    if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
                    Assert.True(request.Headers.TryAddWithoutValidation(header, value));
                    using HttpResponseMessage response = await client.SendAsync(request);
                    Assert.NotEqual(HttpStatusCode.InternalServerError, response.StatusCode);
                    answers.Append(response.Headers).Append(response.Content.Headers).AppendLine(await response.Content.ReadAsStringAsync());
                }
            }
            process.Terminate();
            log = (await process.EndAsync()) is var ended ? ended.Output + ended.Error : "";
        }
        Assert.Contains("stopped", log);
        foreach (string text in new[] { answers.ToString(), log })
        {
            foreach (string secret in new[] { key[^64..], reader[^64..], mistyped[^64..] }) Assert.DoesNotContain(secret, text);
            Assert.DoesNotMatch(@"\n\s+at \w+\.|Exception|\.cs:line", text);
        }
        Assert.DoesNotContain(_directory.Path, answers.ToString());
        Assert.DoesNotContain(AppContext.BaseDirectory, answers.ToString());
    }

    private static IEnumerable<(string Method, string Path, string? Body, string Type)> Requests(string key)
    {
        const string json = "application/json", notes = "/v1/collections/notes";
        yield return ("PUT", notes, """{"dimension":2}""", json);
        yield return ("POST", $"{notes}/records", """{"vector":[1,2],"key":"a"}""", json);
        yield return ("POST", $"{notes}/records", """{"vector":"x"}""", json);
        yield return ("POST", $"{notes}/records", "{", json);
        yield return ("POST", $"{notes}/records", """{"vector":[1,2,3]}""", json);
        yield return ("POST", $"{notes}/records", "x", "text/plain");
        yield return ("POST", $"{notes}/search", """{"vector":[1,2],"k":1,"filter":"a ="}""", json);
        yield return ("POST", $"{notes}/restore", "no snapshot", "application/octet-stream");
        yield return ("GET", $"{notes}/records/x", null, json);
        yield return ("GET", $"{notes}/timeline?from=99", null, json);
        yield return ("GET", $"/v1/collections?api-key={key}", null, json);
        yield return ("GET", $"/v1/collections?wrong={key[..20]}", null, json);
        yield return ("GET", "/v1/nothing", null, json);
        yield return ("PUT", "/v1/collections/..%2f..%2fetc", "{}", json);
        yield return ("POST", "/v1/keys", """{"name":"../x","role":"read"}""", json);
        yield return ("GET", "/v1/keys", null, json);
        yield return ("DELETE", "/v1/keys/nobody", null, json);
        yield return ("OPTIONS", notes, null, json);
    }
}
