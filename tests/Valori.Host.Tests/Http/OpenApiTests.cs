using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Valori.Host.OpenApi;
using Valori.Host.Operations;
using Valori.Host.Tests.Structure;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Http;

/// <summary>The OpenAPI document says what the service takes, all of it, and changes only when somebody approves.</summary>
public sealed class OpenApiTests(ValoriService service) : IClassFixture<ValoriService>
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonObject Document => JsonNode.Parse(OpenApiDocument.Bytes.Value)!.AsObject();

    private static IEnumerable<(string Path, string Method, JsonObject Operation)> All =>
        from path in Document["paths"]!.AsObject() from operation in path.Value!.AsObject() select (path.Key, operation.Key, operation.Value!.AsObject());

    [Fact]
    public async Task The_document_is_the_approved_one_and_what_the_service_sends()
    {
        using HttpResponseMessage response = await service.Client.GetAsync("/openapi/v1.json");
        Assert.Equal(OpenApiDocument.Bytes.Value, await response.Content.ReadAsByteArrayAsync());
        string approved = Path.Combine(SourceProject.Root, "tests", "Valori.Host.Tests", "Approved", "openapi.txt"), received = Path.Combine(AppContext.BaseDirectory, "openapi.received.txt");
        string found = string.Join('\n', Lines(Document)) + "\n";
        if (File.Exists(approved) && await File.ReadAllTextAsync(approved) == found) return;
        await File.WriteAllTextAsync(received, found);
        Assert.Fail($"the OpenAPI document is another one than {approved}. If that is meant, copy {received} there");
    }

    /// <summary>A line for each operation and each component, so that a difference shows what it is about.</summary>
    private static IEnumerable<string> Lines(JsonObject document) =>
    [
        .. document.Where(part => part.Key is not ("paths" or "components")).Select(part => $"{part.Key} {part.Value!.ToJsonString(Compact)}"),
        .. document["components"]!.AsObject().SelectMany(kind => kind.Value!.AsObject().Select(component => $"{kind.Key} {component.Key} {component.Value!.ToJsonString(Compact)}")),
        .. All.Select(one => $"{one.Method} {one.Path} {one.Operation.ToJsonString(Compact)}"),
    ];

    [Fact]
    public void Every_route_of_the_service_is_there_and_no_other()
    {
        IEnumerable<string> routes = service.Part<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
            .Where(method => method != "HEAD").Select(method => $"{method} {endpoint.RoutePattern.RawText}"));
        Assert.Equal(routes.Except(["GET /openapi/v1.json"]).Order(StringComparer.Ordinal), All.Select(one => $"{one.Method.ToUpperInvariant()} {one.Path}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_operation_has_a_name_of_its_own_a_summary_answers_and_errors()
    {
        Assert.Equal("3.1.0", Document["openapi"]!.ToString());
        Assert.Equal(All.Count(), All.Select(one => one.Operation["operationId"]!.ToString()).Distinct().Count());
        Assert.All(All, one =>
        {
            Assert.Matches(@"^[A-Z].*\.$", one.Operation["summary"]!.ToString());
            Assert.NotEmpty(one.Operation["tags"]!.AsArray());
            JsonObject responses = one.Operation["responses"]!.AsObject();
            Assert.NotNull(responses["200"]!["content"]!["application/json"]!["schema"]);
            if (one.Path.StartsWith("/v1/", StringComparison.Ordinal))
                Assert.Superset(new HashSet<string> { "400", "401", "403", "413", "429", "500", "503" }, responses.Select(response => response.Key).ToHashSet());
        });
    }

    [Fact]
    public void Every_parameter_and_field_is_there_with_its_schema_a_description_and_an_example()
    {
        foreach ((string path, string method, JsonObject operation) in All)
        {
            JsonObject[] parameters = [.. operation["parameters"]!.AsArray().Select(parameter => parameter!.AsObject())];
            Assert.Equal(Regex.Matches(path, @"\{([a-z_]+)\}").Select(match => match.Groups[1].Value).Order(), parameters.Where(parameter => parameter["in"]!.ToString() == "path").Select(parameter => parameter["name"]!.ToString()).Order());
            Assert.All(parameters, parameter =>
            {
                Assert.NotEmpty(parameter["description"]!.ToString());
                Assert.NotEmpty(parameter["schema"]!.AsObject());
                Assert.NotNull(parameter["example"]);
                if (parameter["in"]!.ToString() == "path") Assert.True((bool)parameter["required"]!);
            });
            if (OperationTable.OfService.SingleOrDefault(one => one.Path == path && one.Method.Equals(method, StringComparison.OrdinalIgnoreCase)) is not { } of) continue;
            Assert.Equal(of.Request.Fields.Where(field => field.Place == FieldPlace.Query).Select(field => field.Name), parameters.Where(parameter => parameter["in"]!.ToString() == "query").Select(parameter => parameter["name"]!.ToString()));
            Assert.Equal(of.TakesRequestId, parameters.Any(parameter => parameter["name"]!.ToString() == "Idempotency-Key"));
            if (of.BodyForm is BodyForm.None or BodyForm.Bytes) continue;
            JsonObject json = operation["requestBody"]!["content"]!["application/json"]!.AsObject(), schema = json["schema"]!.AsObject(), example = json["example"]!.AsObject();
            Assert.Equal(of.Request.Body.Names, schema["properties"]!.AsObject().Select(property => property.Key));
            Assert.Superset(schema["required"]!.AsArray().Select(name => name!.ToString()).ToHashSet(), example.Select(property => property.Key).ToHashSet());
            Assert.All(schema["properties"]!.AsObject(), property => Assert.True(property.Value!["$ref"] is not null || property.Value["description"] is not null, $"{path} {property.Key}"));
        }
    }

    [Fact]
    public void Every_reference_leads_to_what_is_there_and_every_error_is_used()
    {
        JsonObject document = Document;
        string[] references = [.. Regex.Matches(document.ToJsonString(), "\"\\$ref\":\"([^\"]*)\"").Select(match => match.Groups[1].Value).Distinct()];
        Assert.All(references, reference =>
        {
            JsonNode? at = document;
            Assert.StartsWith("#/components/", reference);
            foreach (string part in reference[2..].Split('/')) at = at?[part];
            Assert.True(at is not null, reference);
        });
        Assert.All(document["components"]!["responses"]!.AsObject(), response => Assert.Contains($"#/components/responses/{response.Key}", references));
    }

    /// <summary>As it stands there: whoever copies one gets no error about its form.</summary>
    [Fact]
    public async Task Every_example_is_taken_by_the_service()
    {
        await service.CreateCollectionAsync(dimension: 3, name: "notes");
        await service.CreateCollectionAsync(dimension: 3, name: "copy");
        List<string> wrong = [];
        // What creates comes first, and what takes everything away last.
        foreach ((string path, string method, JsonObject operation) in All.OrderBy(one => one.Operation["operationId"]!.ToString() is var name && (name == "drop_collection" ? 3 : name.Contains("key", StringComparison.Ordinal) ? 4 : name.Contains("delete", StringComparison.Ordinal) ? 2 : name is "insert" or "create_node" ? 0 : 1) is var order ? order : 0))
        {
            string id = operation["operationId"]!.ToString();
            // A key that is added closes the service to this client; a restore has no example, and a cursor is of one list.
            if (id is "add_key" or "revoke_key" or "restore") continue;
            string filled = path;
            List<string> query = [];
            foreach (JsonObject parameter in operation["parameters"]!.AsArray().Select(parameter => parameter!.AsObject()))
            {
                string name = parameter["name"]!.ToString(), value = parameter["example"] is JsonArray list ? string.Join(',', list) : parameter["example"]!.ToString();
                if (parameter["in"]!.ToString() == "path") filled = filled.Replace($"{{{name}}}", value, StringComparison.Ordinal);
                else if (parameter["in"]!.ToString() == "query" && ((bool)parameter["required"]! || (id == "exists" && name == "key"))) query.Add($"{name}={Uri.EscapeDataString(value)}");
            }
            string? body = operation["requestBody"]?["content"]?["application/json"]?["example"]?.ToJsonString();
            HttpAnswer answer = await service.SendAsync(new HttpMethod(method.ToUpperInvariant()), filled + (query.Count > 0 ? $"?{string.Join('&', query)}" : ""), body);
            if (answer.Status is HttpStatusCode.InternalServerError || (answer.Status == HttpStatusCode.BadRequest && answer.Json.GetProperty("title").GetString() == "invalid_request")) wrong.Add($"{method} {filled} {body}: {answer}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
