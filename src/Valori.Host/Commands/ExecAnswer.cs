using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Valori.Host.Json;

namespace Valori.Host.Commands;

/// <summary>The answer to one line of <c>exec</c>.</summary>
internal sealed record ExecAnswer(object Value, JsonTypeInfo Type)
{
    public bool IsError => Value is ErrorAnswer;

    public static ExecAnswer Error(string message) => new(new ErrorAnswer(message), AnswerJson.Options.GetTypeInfo(typeof(ErrorAnswer)));

    public byte[] ToLine() => [.. JsonSerializer.SerializeToUtf8Bytes(Value, Type), (byte)'\n'];
}
