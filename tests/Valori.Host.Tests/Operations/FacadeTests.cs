using System.Reflection;
using System.Reflection.Emit;
using Valori.Host.Operations;

namespace Valori.Host.Tests.Operations;

/// <summary>What the facade can do, clients can ask for: each of its methods is called by an operation, or listed here with the reason why not.</summary>
public sealed class FacadeTests
{
    private const string ShortForm = "operations use the form with a SearchQuery";

    private const string WithoutAnswered = "operations use the form that says what answered";

    private static readonly (string Method, string Why)[] NotReached =
    [
        ("InsertBatchAsync(ReadOnlyMemory<Single>, ReadOnlyMemory<UInt64>, CancellationToken)", "the form without a copy, for programs that have the vectors in memory"),
        ("SearchAsync(ReadOnlyMemory<Single>, Int32, Nullable<UInt64>, AsOf, CancellationToken)", ShortForm),
        ("SearchWithReceiptAsync(ReadOnlyMemory<Single>, Int32, Nullable<UInt64>, AsOf, CancellationToken)", ShortForm),
        ("SearchBatchAsync(IReadOnlyList<ReadOnlyMemory<Single>>, Int32, Nullable<UInt64>, AsOf, CancellationToken)", ShortForm),
        ("SearchExpandAsync(ReadOnlyMemory<Single>, Int32, Int32, Nullable<UInt64>, AsOf, CancellationToken)", ShortForm),
        ("SearchBatchAsync(SearchQuery, AsOf, CancellationToken)", WithoutAnswered),
        ("SearchExpandAsync(SearchQuery, Int32, AsOf, CancellationToken)", WithoutAnswered),
        ("ExpandAsync(NodeId, Int32, AsOf, CancellationToken)", ShortForm),
        ("RestoreAsync(ReadOnlyMemory<Byte>, CancellationToken)", "operations restore from a stream"),
        ("InsertAsync(ReadOnlyMemory<Single>, UInt64, CancellationToken)", "operations use the form with a NewRecord"),
        ("ExistsAsync(RecordRef, AsOf, CancellationToken)", "operations use FindRecordAsync, which says the id too"),
        ("DropAsync(CancellationToken)", "operations drop by name, so that a collection that cannot be opened can be dropped too"),
        ("WithAuthor(String)", "a front end knows who asks: the name of the API key"),
        ("WithRequestId(String)", "a front end has the id beside the request: the header Idempotency-Key, the field request_id"),
        ("DisposeAsync()", "a front end opens and closes collections"),
    ];

    private static readonly OpCode[] OpCodes = [.. typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (OpCode)field.GetValue(null)!)];

    [Fact]
    public void Every_method_of_the_facade_is_called_by_an_operation_or_listed()
    {
        MethodInfo[] facade = [.. typeof(ValoriEngine).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(method => !method.IsSpecialName)];
        HashSet<string> called = [.. CalledByOperations().Where(method => method.DeclaringType == typeof(ValoriEngine)).Select(Signature)];
        string[] forgotten = [.. facade.Select(Signature).Where(method => !called.Contains(method)).Except(NotReached.Select(listed => listed.Method))];
        Assert.True(forgotten.Length == 0, $"no operation calls {string.Join("; ", forgotten)}");
        string[] listedInVain = [.. NotReached.Select(listed => listed.Method).Where(method => called.Contains(method) || !facade.Select(Signature).Contains(method))];
        Assert.True(listedInVain.Length == 0, $"listed as not reached, and reached or not there: {string.Join("; ", listedInVain)}");
        Assert.True(called.Count >= 20, $"only {called.Count} calls were found: is the code of the operations read at all?");
    }

    /// <summary>What the compiled code of the operations calls, lambdas and state machines included.</summary>
    private static IEnumerable<MethodBase> CalledByOperations()
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        IEnumerable<Type> types = typeof(OperationTable).Assembly.GetTypes().Where(type => type.Namespace == typeof(OperationTable).Namespace && !type.ContainsGenericParameters);
        return types.SelectMany(type => type.GetMethods(all)).SelectMany(Calls);
    }

    private static IEnumerable<MethodBase> Calls(MethodInfo method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (int at = 0; at < code.Length;)
        {
            short value = code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at];
            OpCode op = OpCodes.Single(known => known.Value == value);
            at += op.Size;
            if (op.OperandType == OperandType.InlineMethod && !method.IsGenericMethodDefinition)
                yield return method.Module.ResolveMethod(BitConverter.ToInt32(code, at), method.DeclaringType!.GetGenericArguments(), null)!;
            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }

    private static string Signature(MethodBase method) => $"{method.Name}({string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)))})";

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
