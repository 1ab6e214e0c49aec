using Valori.Actors.Text;
using Valori.Host.Json;
using Valori.Kernel.Commands;
using Valori.Protocol;

namespace Valori.Host.Operations;

/// <summary>
/// One command of a transaction: an operation with its request, as in a line of <c>exec</c>. In the place of an id it may have
/// <c>{"ref":n}</c>, what command n creates, or <c>{"ref":n,"item":m}</c>, one of a batch.
/// </summary>
/// <param name="References">By the names of the fields. The request has 0 there.</param>
internal sealed record PartRequest(Operation Operation, object Request, IReadOnlyList<(string Field, int Command, int Item)> References)
{
    private static readonly string[] Known = [.. OperationTable.All.Where(operation => operation.CanBePart).Select(operation => operation.Name)];

    /// <exception cref="RequestException">It is not such a command, or a field is missing or wrong.</exception>
    public static PartRequest Read(JsonFields fields)
    {
        string op = fields.String("op");
        if (OperationTable.Find(op) is not { CanBePart: true } operation) throw Unknown(op);
        JsonFields own = fields.With(operation.Part);
        List<(string Field, int Command, int Item)> references = [];
        object request = operation.Request.Bind(field =>
        {
            if (field.Type != FieldType.Of(typeof(ulong)) || own.OptionalReference(field.Name) is not { } reference) return field.FromJson(own);
            references.Add((field.Name, reference.Command, reference.Item));
            return 0UL;
        });
        return new PartRequest(operation, request, references);
    }

    /// <exception cref="RequestException">A reference is where no id is, or fields contradict each other.</exception>
    /// <exception cref="RefusedException">A vector is not allowed.</exception>
    public TransactionPart ToPart(EngineSchema schema)
    {
        Command command = Operation.CommandOf(schema, Request);
        if (References.Count == 0) return new TransactionPart(command);
        NamesOfIds names = new();
        command.MapIds(names);
        return new TransactionPart(command,
        [
            .. References.Select(reference => new Reference(
                names.Fields.GetValueOrDefault(reference.Field) is > 0 and var field ? field
                    : throw new RequestException($"field '{reference.Field}' is a reference; it must be {JsonFields.UnsignedNumber64}"),
                reference.Command, reference.Item)).OrderBy(reference => reference.Field),
        ]);
    }

    private static RequestException Unknown(string op) => new(
        OperationTable.Find(op) is not null ? $"a transaction cannot hold '{op}'; it can hold {string.Join(", ", Known)}"
        : $"unknown op '{Spelling.Shown(op)}'{(Spelling.Nearest(op, Known) is { } near ? $": did you mean '{near}'" : "")}; a transaction can hold {string.Join(", ", Known)}");

    /// <summary>Which field of its message each id of a command is, by its name.</summary>
    private sealed class NamesOfIds : IdMap
    {
        public Dictionary<string, int> Fields { get; } = [];

        protected override ulong Map(ContentKind kind, int field, string name, ulong id)
        {
            Fields[name] = field;
            return id;
        }
    }
}
