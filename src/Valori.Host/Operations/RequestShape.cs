using System.Reflection;
using Valori.Host.Json;

namespace Valori.Host.Operations;

/// <summary>
/// The fields of a request type, which are the parameters of its only constructor: <c>RecordId</c> is the field <c>record_id</c>, and one
/// with a default may be left out.
/// </summary>
internal sealed class RequestShape
{
    private readonly ConstructorInvoker _create;

    /// <param name="placeOf">Where a field with this name and type is over HTTP.</param>
    public RequestShape(Type type, Func<string, FieldType, FieldPlace> placeOf)
    {
        ConstructorInfo constructor = type.GetConstructors().Single();
        _create = ConstructorInvoker.Create(constructor);
        Type = type;
        Fields = [.. constructor.GetParameters().Select(parameter => RequestField.Of(parameter, placeOf))];
        Parameters = NamesAt(FieldPlace.Query);
        Body = NamesAt(FieldPlace.Body);
    }

    public Type Type { get; }

    public IReadOnlyList<RequestField> Fields { get; }

    /// <summary>The parameters of a query over HTTP.</summary>
    public FieldNames Parameters { get; }

    /// <summary>The fields of a JSON body over HTTP.</summary>
    public FieldNames Body { get; }

    /// <summary>All fields in one object.</summary>
    /// <param name="of">What has them, for messages.</param>
    public FieldNames NamesOf(string of, string[] before, string[] after) =>
        new(of, [.. before, .. Fields.Select(field => field.Name), .. after], OlderNames(Fields));

    /// <summary>Makes a request of its fields.</summary>
    /// <exception cref="RequestException">A field is missing, or is not what it must be.</exception>
    /// <exception cref="RefusedException">A field has a value that is not allowed.</exception>
    public object Bind(Func<RequestField, object?> read)
    {
        object?[] values = new object?[Fields.Count];
        for (int i = 0; i < values.Length; i++) values[i] = read(Fields[i]);
        return _create.Invoke(values.AsSpan());
    }

    private FieldNames NamesAt(FieldPlace place)
    {
        RequestField[] there = [.. Fields.Where(field => field.Place == place)];
        return FieldNames.OfRequest([.. there.Select(field => field.Name)], OlderNames(there));
    }

    private static OlderName[] OlderNames(IEnumerable<RequestField> fields) =>
        [.. fields.Where(field => field.OlderName is not null).Select(field => new OlderName(field.OlderName!, field.Name))];
}
