using System.Reflection;
using System.Text.Json;
using Valori.Actors.Text;
using Valori.Host.Json;

namespace Valori.Host.Operations;

/// <summary>One field of a request.</summary>
/// <param name="OlderName">Another spelling that is still taken, or null.</param>
/// <param name="Place">Where it is over HTTP.</param>
/// <param name="ValueType">Of its value.</param>
/// <param name="Default">Its value when it is left out.</param>
internal sealed record RequestField(string Name, string? OlderName, FieldType Type, Type ValueType, FieldPlace Place, bool IsRequired, object? Default)
{
    public static RequestField Of(ParameterInfo parameter, Func<string, FieldType, FieldPlace> placeOf)
    {
        Type value = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        FieldType type = FieldType.Of(value);
        string name = type == FieldType.Bytes ? "path" : JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name!);
        string? older = parameter.GetCustomAttribute<OlderNameAttribute>()?.Name;
        bool isRequired = !parameter.HasDefaultValue;
        return new RequestField(name, older, type, value, placeOf(name, type), isRequired, isRequired ? null : parameter.DefaultValue);
    }

    /// <summary>Its value in a JSON object, or its default.</summary>
    public object? FromJson(JsonFields fields) =>
        Named(() => Type.FromJson(fields, Name)) ?? (OlderName is null ? null : Type.FromJson(fields, OlderName)) ?? OrDefault("field");

    // A request may have several filters: its error says which.
    private object? Named(Func<object?> read)
    {
        const string filter = "the filter";
        try
        {
            return read();
        }
        catch (RefusedException e) when (Name != "filter" && e.Message.StartsWith(filter, StringComparison.Ordinal))
        {
            throw new RefusedException(e.Refusal with { Message = Name + e.Message[filter.Length..] });
        }
    }

    /// <summary>Its value in a query, or its default.</summary>
    /// <param name="parameter">Returns the text of a parameter, or null if the query does not have it.</param>
    public object? FromQuery(Func<string, string?> parameter)
    {
        if ((parameter(Name) ?? (OlderName is null ? null : parameter(OlderName))) is not { } text) return OrDefault("parameter");
        return Named(() => Type.FromText(text)) ?? throw new RequestException($"parameter '{Name}' must be {Type.Expected}, got '{Spelling.Shown(text)}'{FieldType.HintOf(text)}");
    }

    /// <summary>Its value as a part of the path.</summary>
    public object FromPath(string text) =>
        Type.FromText(text) ?? throw new RequestException($"'{Spelling.Shown(text)}' is not an id; it must be {Type.Expected}");

    /// <summary>Its default.</summary>
    /// <param name="what">What it is called if it may not be left out: a field, a parameter.</param>
    /// <exception cref="RequestException">It may not.</exception>
    public object? OrDefault(string what) => IsRequired ? throw new RequestException($"{what} '{Name}' is missing") : Default;
}

/// <summary>Where a field is in a request over HTTP. In a line of <c>exec</c> all are in one object.</summary>
internal enum FieldPlace
{
    /// <summary>In the path.</summary>
    Path,

    /// <summary>In the query.</summary>
    Query,

    /// <summary>In the body, which is a JSON object.</summary>
    Body,

    /// <summary>It is the body itself.</summary>
    Bytes,
}

/// <summary>An older spelling of a field, which is still taken.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class OlderNameAttribute(string name) : Attribute
{
    public string Name => name;
}
