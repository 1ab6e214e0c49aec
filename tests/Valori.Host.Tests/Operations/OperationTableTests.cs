using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Valori.Host.Json;
using Valori.Host.Operations;
using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Operations;

/// <summary>What an entry of the table needs besides itself, so that nothing is forgotten when one is added.</summary>
public sealed partial class OperationTableTests
{
    // Answered by the process itself, whatever the collections are.
    private static readonly string[] OtherRoutes = ["GET /health/live", "GET /health/ready", "GET /openapi/v1.json"];

    public static TheoryData<string> Names => [.. OperationTable.Names];

    public static TheoryData<string> NamesOfService => [.. OperationTable.OfService.Select(operation => operation.Name)];

    [Theory]
    [MemberData(nameof(NamesOfService))]
    public void An_operation_is_named_in_words_and_summed_up_in_a_sentence(string name)
    {
        Operation operation = Find(name);
        Assert.Matches("^[a-z]+(_[a-z]+)*$", operation.Name);
        Assert.Matches(@"^[A-Z][^.]*\.$", operation.Summary);
        Assert.All(operation.Request.Fields, field => Assert.Matches("^[a-z]+(_[a-z]+)*$", field.Name));
    }

    [Fact]
    public void No_two_operations_have_a_name_or_a_route_in_common()
    {
        Assert.Equal(OperationTable.OfService.Count, OperationTable.OfService.Select(operation => operation.Name).Distinct().Count());
        // Two paths that differ in the names of their parameters alone are one.
        string[] routes = [.. OperationTable.OfService.Select(operation => $"{operation.Method} {Parameter().Replace(operation.Path, "{}")}")];
        Assert.Equal(routes.Length, routes.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_path_has_the_name_of_the_collection_and_fields_that_must_be_given(string name)
    {
        Operation operation = OperationTable.Find(name)!;
        string[] parameters = [.. Parameter().Matches(operation.Path).Select(match => match.Groups[1].Value)];
        string[] inPath = [.. operation.Request.Fields.Where(field => field.Place == FieldPlace.Path).Select(field => field.Name)];
        Assert.Equal(parameters.Order(), (operation.IsOfCollection ? [.. inPath, "name"] : inPath).Order());
        Assert.All(operation.Request.Fields.Where(field => field.Place == FieldPlace.Path), field => Assert.True(field.IsRequired, field.Name));
        // Fields of the path come first: so an operation tells what it is about before anything else.
        Assert.Equal(operation.Request.Fields.OrderBy(field => field.Place != FieldPlace.Path), operation.Request.Fields);
    }

    [Theory]
    [MemberData(nameof(NamesOfService))]
    public void What_only_reads_changes_nothing_by_its_method_and_a_command_can_be_sent_again(string name)
    {
        Operation operation = Find(name);
        // What a cache or a crawler may repeat has to be a read. A search has a body, so it is not a GET.
        if (operation.Method == "GET" && operation.Name != "list_keys") Assert.Equal(OperationKind.Read, operation.Kind);
        Assert.Equal(operation.Kind == OperationKind.Write, operation.Line.Names.Contains("request_id"));
    }

    [Theory]
    [MemberData(nameof(NamesOfService))]
    public void An_operation_and_its_fields_are_documented_for_HTTP(string name)
    {
        Operation operation = Find(name);
        string http = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "http.md"));
        string[] rows = [.. http.Split('\n').Where(line => line.StartsWith('|') && Regex.IsMatch(line, $@"`{Regex.Escape(operation.Route)}(\?[^`]*)?`"))];
        Assert.True(rows.Length > 0, $"docs/http.md has no row for `{operation.Route}`");
        string text = string.Join('\n', rows);
        // Every query takes as_of, which has a section of its own.
        string[] missing = [.. operation.Request.Fields.Where(field => field.Place is FieldPlace.Query or FieldPlace.Body && field.Name != "as_of" && !Mentions(text, field.Name)).Select(field => field.Name)];
        Assert.True(missing.Length == 0, $"the row for `{operation.Route}` does not say {string.Join(", ", missing)}:\n{text}");
    }

    [Fact]
    public void Every_kind_of_the_timeline_is_documented_for_HTTP()
    {
        string http = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "http.md"));
        Assert.Equal([], Enum.GetValues<TimelineKind>().Select(kind => AnswerJson.Word(kind)).Where(word => !http.Contains($"`{word}`", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_operation_and_its_fields_are_documented_for_exec(string name)
    {
        Operation operation = OperationTable.Find(name)!;
        string dialect = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "formats.md")).Split("\n## ").Single(section => section.StartsWith("9. ", StringComparison.Ordinal));
        string row = Assert.Single(dialect.Split('\n'), line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal));
        string fields = row.Split('|')[2];
        string[] missing = [.. operation.Request.Fields.Where(field => field.Name != "as_of" && !Mentions(fields, field.Name)).Select(field => field.Name)];
        Assert.True(missing.Length == 0, $"the row of {name} does not say {string.Join(", ", missing)}: {row}");
        string[] unknown = [.. Regex.Matches(fields, "`([a-z_]+)`").Select(match => match.Groups[1].Value).Where(field => !operation.Line.Names.Contains(field))];
        Assert.True(unknown.Length == 0, $"the row of {name} has {string.Join(", ", unknown)}, which the operation does not take");
    }

    [Fact]
    public async Task The_service_has_the_routes_of_the_table_and_those_of_health_and_no_others()
    {
        ValoriService service = await ValoriService.StartAsync();
        try
        {
            IEnumerable<RouteEndpoint> endpoints = service.Part<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();
            string[] routes = [.. endpoints.SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
                .Where(method => method != "HEAD").Select(method => $"{method} {endpoint.RoutePattern.RawText}"))];
            Assert.Equal(OperationTable.OfService.Select(operation => $"{operation.Method} {operation.Path}").Concat(OtherRoutes).Order(), routes.Order());
        }
        finally
        {
            await service.DisposeAsync();
        }
    }

    private static Operation Find(string name) => OperationTable.OfService.Single(operation => operation.Name == name);

    private static bool Mentions(string text, string field) => Regex.IsMatch(text, $@"(`|[?&{{,""]){field}(`|=|"")");

    [GeneratedRegex(@"\{([a-z_]+)\}")]
    private static partial Regex Parameter();
}
