using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Valori.Host.Json;
using Valori.Host.Operations;

namespace Valori.Host.OpenApi;

/// <summary>The service as an OpenAPI 3.1 document, made from the table of operations. It is the same for every service of a release.</summary>
internal static class OpenApiDocument
{
    private const string Problem = "Problem";

    private static readonly JsonSchemaExporterOptions OfAnswers = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = WithoutWhatIsLeftOut };

    private static readonly Dictionary<int, string> Errors = new()
    {
        [400] = "The request is not understood, or a value is not allowed.",
        [401] = "There is no API key, or it is not valid.",
        [403] = "The key may not do this.",
        [404] = "There is no such thing.",
        [409] = "It conflicts with what is there.",
        [410] = "The state is out of reach.",
        [413] = "It is over a limit.",
        [415] = "The body is of another type.",
        [422] = "The idempotency key was used for another command, or the bytes are not a snapshot.",
        [429] = "Too much is in flight; try again later.",
        [500] = "A bug; the log has it.",
        [503] = "The service cannot answer now.",
        [507] = "A file cannot be written.",
    };

    /// <summary>The document as JSON.</summary>
    public static readonly Lazy<byte[]> Bytes = new(() => JsonSerializer.SerializeToUtf8Bytes(Create(), AnswerJson.Options));

    private static JsonObject Create()
    {
        JsonObject paths = [];
        foreach (Operation operation in OperationTable.OfService)
        {
            if (!paths.ContainsKey(operation.Path)) paths[operation.Path] = new JsonObject();
            paths[operation.Path]!.AsObject()[operation.Method.ToLowerInvariant()] = Of(operation);
        }
        paths["/health/live"] = new JsonObject { ["get"] = Health("live", "Says whether the process answers.", [200]) };
        paths["/health/ready"] = new JsonObject { ["get"] = Health("ready", "Says whether every collection has proven its state.", [200, 503]) };
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Valori",
                ["version"] = "1",
                ["description"] = "An embedded database for AI memory, as a service. docs/http.md in Valori's repository says more of each request.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }, new JsonObject { ["apiKey"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject
                {
                    ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
                    ["apiKey"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "api-key" },
                },
                ["schemas"] = Schemas(),
                ["responses"] = new JsonObject(Errors.Select(error => KeyValuePair.Create(NameOf(error.Key), (JsonNode?)ErrorResponse(error.Value)))),
            },
        };
    }

    private static JsonObject Of(Operation operation)
    {
        JsonArray parameters = [];
        if (operation.IsOfCollection)
        {
            JsonObject ofName = new() { ["type"] = "string", ["pattern"] = "^[a-z0-9][a-z0-9_-]{0,63}$" };
            parameters.Add(Parameter(Operation.CollectionName, "path", "The collection.", ofName, "notes", isRequired: true));
        }
        foreach (RequestField field in operation.Request.Fields.Where(field => field.Place is FieldPlace.Path or FieldPlace.Query)) parameters.Add(Parameter(field));
        if (operation.TakesRequestId)
        {
            parameters.Add(Parameter("Idempotency-Key", "header", "Names the command, so that it is carried out once however often it is sent.",
                new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = 64 }, "5f0c2a6e", isRequired: false));
        }
        JsonObject responses = new() { ["200"] = AnswerResponse(operation) };
        foreach (int status in ErrorsOf(operation)) responses[Number(status)] = new JsonObject { ["$ref"] = $"#/components/responses/{NameOf(status)}" };
        JsonObject of = new()
        {
            ["operationId"] = operation.Name,
            ["summary"] = operation.Summary,
            ["description"] = $"Needs a key with the role {operation.Kind.ToString().ToLowerInvariant()}, if the service has keys.",
            ["tags"] = new JsonArray(TagOf(operation.Path)),
            ["parameters"] = parameters,
            ["responses"] = responses,
        };
        if (BodyOf(operation) is { } body) of["requestBody"] = body;
        return of;
    }

    private static JsonObject Parameter(RequestField field)
    {
        JsonObject parameter = Parameter(
            field.Name, field.Place == FieldPlace.Path ? "path" : "query", DescriptionOf(field), FieldSchema.Of(field), FieldSchema.ExampleOf(field), field.IsRequired);
        // Kinds have commas between them.
        if (parameter["schema"]!["type"] is JsonValue type && type.ToString() == "array") (parameter["style"], parameter["explode"]) = ("form", false);
        return parameter;
    }

    private static JsonObject Parameter(string name, string place, string description, JsonObject schema, JsonNode example, bool isRequired) => new()
    {
        ["name"] = name,
        ["in"] = place,
        ["description"] = description,
        ["required"] = isRequired,
        ["schema"] = schema,
        ["example"] = example,
    };

    private static JsonObject? BodyOf(Operation operation)
    {
        if (operation.BodyForm == BodyForm.None) return null;
        if (operation.BodyForm == BodyForm.Bytes)
            return new JsonObject { ["required"] = true, ["content"] = new JsonObject { ["application/octet-stream"] = new JsonObject { ["schema"] = new JsonObject() } } };
        RequestField[] fields = [.. operation.Request.Fields.Where(field => field.Place == FieldPlace.Body)];
        JsonObject properties = [], example = [];
        foreach (RequestField field in fields)
        {
            JsonObject schema = FieldSchema.Of(field);
            if (!schema.ContainsKey("description")) schema["description"] = DescriptionOf(field);
            properties[field.Name] = schema;
            if (field.IsRequired) example[field.Name] = FieldSchema.ExampleOf(field);
        }
        // One of several is needed then: what a request is about, or what it has.
        if (operation.Kind != OperationKind.Admin && ChosenOf(fields, isAlone: example.Count == 0) is { } chosen) example[chosen.Name] = FieldSchema.ExampleOf(chosen);
        return new JsonObject
        {
            ["required"] = operation.BodyForm == BodyForm.Json,
            ["content"] = new JsonObject
            {
                ["application/json"] = new JsonObject
                {
                    ["schema"] = new JsonObject
                    {
                        ["type"] = "object",
                        ["properties"] = properties,
                        ["required"] = new JsonArray([.. fields.Where(field => field.IsRequired).Select(field => JsonValue.Create(field.Name))]),
                        ["additionalProperties"] = false,
                    },
                    ["example"] = example,
                },
            },
        };
    }

    private static RequestField? ChosenOf(RequestField[] fields, bool isAlone)
    {
        bool HasField(string name) => fields.Any(field => field.Name == name && !field.IsRequired);
        if (HasField("record_id") && HasField("key")) return fields.Single(field => field.Name == "key");
        if (HasField("all")) return fields.Single(field => field.Name == "filter");
        return isAlone ? fields.FirstOrDefault(field => field.Name is "key" or "filter" or "vectors" or "limit") ?? fields.FirstOrDefault() : null;
    }

    private static JsonObject AnswerResponse(Operation operation)
    {
        JsonObject schema = new() { ["$ref"] = $"#/components/schemas/{operation.Answer.Type.Name}" };
        return new JsonObject { ["description"] = operation.Summary, ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } } };
    }

    /// <summary>What an answer leaves out if it has no value need not be there.</summary>
    private static JsonNode WithoutWhatIsLeftOut(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is not JsonObject of || of["required"] is not JsonArray required || context.TypeInfo.Kind != JsonTypeInfoKind.Object) return schema;
        HashSet<string> leftOut = [.. context.TypeInfo.Properties.Where(property => property.ShouldSerialize is not null).Select(property => property.Name)];
        foreach (JsonNode? name in required.Where(name => leftOut.Contains(name!.ToString())).ToArray()) required.Remove(name);
        return schema;
    }

    /// <summary>The exporter refers to a type that comes twice by its first place, counted from the root of the schema, which here is another one.</summary>
    private static JsonNode Inlined(JsonNode schema)
    {
        JsonNode root = schema.DeepClone();
        Replace(schema);
        return schema;

        void Replace(JsonNode? node)
        {
            if (node is JsonArray array)
            {
                foreach (JsonNode? item in array) Replace(item);
            }
            if (node is not JsonObject of) return;
            if (of["$ref"]?.ToString() is { } reference)
            {
                of.Remove("$ref");
                foreach ((string name, JsonNode? value) in At(root, reference).DeepClone().AsObject().ToArray()) of[name] = value?.DeepClone();
            }
            foreach ((_, JsonNode? value) in of.ToArray()) Replace(value);
        }
    }

    private static JsonNode At(JsonNode root, string reference)
    {
        JsonNode at = root;
        foreach (string part in reference.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(1)) at = at[part]!;
        return at;
    }

    /// <summary>What it may be answered besides.</summary>
    private static IEnumerable<int> ErrorsOf(Operation operation)
    {
        yield return 400;
        yield return 401;
        yield return 403;
        if (operation.Path.Contains('{')) yield return 404;
        if (operation.Kind != OperationKind.Read || operation.Name == "compare") yield return 409;
        if (operation.Request.Fields.Any(field => field.Name is "as_of" or "from")) yield return 410;
        yield return 413;
        if (operation.BodyForm != BodyForm.None) yield return 415;
        if (operation.TakesRequestId || operation.BodyForm == BodyForm.Bytes) yield return 422;
        yield return 429;
        yield return 500;
        yield return 503;
        if (operation.Kind == OperationKind.Admin) yield return 507;
    }

    private static JsonObject Health(string name, string summary, int[] statuses) => new()
    {
        ["operationId"] = $"health_{name}",
        ["summary"] = summary,
        ["description"] = "Needs no key.",
        ["tags"] = new JsonArray("health"),
        ["security"] = new JsonArray(),
        ["parameters"] = new JsonArray(),
        ["responses"] = new JsonObject(statuses.Select(status => KeyValuePair.Create(Number(status), (JsonNode?)new JsonObject
        {
            ["description"] = status == 200 ? "Yes." : "No.",
            ["content"] = new JsonObject
            {
                ["application/json"] = new JsonObject
                {
                    ["schema"] = new JsonObject
                    {
                        ["type"] = "object",
                        ["required"] = new JsonArray("status"),
                        ["properties"] = new JsonObject { ["status"] = new JsonObject { ["type"] = "string" } },
                    },
                },
            },
        }))),
    };

    private static JsonObject Schemas()
    {
        JsonObject schemas = new() { [Problem] = ProblemSchema(), [FieldSchema.RecordName] = RecordSchema() };
        foreach (Operation operation in OperationTable.OfService.DistinctBy(operation => operation.Answer.Type).OrderBy(operation => operation.Answer.Type.Name, StringComparer.Ordinal))
            schemas.Add(operation.Answer.Type.Name, Inlined(JsonSchemaExporter.GetJsonSchemaAsNode(operation.Answer, OfAnswers)));
        return schemas;
    }

    private static JsonObject ErrorResponse(string description) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject { ["application/problem+json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{Problem}" } } },
    };

    private static JsonObject ProblemSchema() => JsonNode.Parse("""
        {"type":"object","required":["type","title","status","detail"],"properties":{"type":{"type":"string"},"title":{"type":"string","description":"a word for programs"},
         "status":{"type":"integer"},"detail":{"type":"string","description":"a sentence, whose text may change"}},
         "example":{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"invalid_argument","status":400,"detail":"expected 3 components, got 2"}}
        """)!.AsObject();

    /// <summary>A record within a body: the fields of an insert.</summary>
    private static JsonObject RecordSchema()
    {
        RequestShape shape = OperationTable.Find("insert")!.Request;
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(shape.Fields.Where(field => field.Place == FieldPlace.Body).Select(field => KeyValuePair.Create(field.Name, (JsonNode?)FieldSchema.Of(field)))),
            ["required"] = new JsonArray("vector"),
            ["additionalProperties"] = false,
        };
    }

    private static string DescriptionOf(RequestField field)
    {
        string expected = char.ToUpperInvariant(field.Type.Expected[0]) + field.Type.Expected[1..];
        return field.IsRequired ? expected : $"{expected}. May be left out";
    }

    private static string TagOf(string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts[1] == "keys" ? "keys" : parts.Length > 3 ? parts[3] : "collections";
    }

    private static string NameOf(int status) => $"Error{Number(status)}";

    private static string Number(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
