using System.Reflection;
using Akka.Actor;
using Valori.Actors.Gateway;
using Valori.Actors.Serialization;
using Valori.Kernel.Commands;
using Valori.Kernel.Merkle;
using Valori.Protocol;

namespace Valori.Actors.Tests.Gateway;

/// <summary>An object of the application's own process may be null wherever the type says that it is not: a new message is tried by itself.</summary>
public sealed class MalformedTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Samples Samples = new Samples()
        .Add(new EngineAddress(new Address("akka.tcp", "valori", "127.0.0.1", 1), "notes"))
        .Add<AsOf>(new AsOf.AtSequenceNr(1))
        .Add(new TreePlace(0, 0));

    public static TheoryData<Type> Kinds => [.. CommandKinds.All.Where(kind => !kind.IsOfEngine).Select(kind => kind.CommandType), .. QueryKinds.All.Select(kind => kind.Type)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Nothing_where_something_must_be_is_refused_by_name(Type kind)
    {
        foreach (object message in Samples.Of(kind))
        {
            Assert.Null(Malformed.Check(message));
            foreach (PropertyInfo property in kind.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(MustBeThere))
            {
                object changed = kind.GetMethod("<Clone>$")!.Invoke(message, null)!;
                property.SetValue(changed, null);
                Refusal refusal = Assert.IsType<Refusal>(Malformed.Check(changed));
                Assert.Equal((RefusalKind.InvalidArgument, $"{kind.Name}.{property.Name} is null"), (refusal.Kind, refusal.Message));
            }
        }
    }

    private static bool MustBeThere(PropertyInfo property) => property.CanWrite
        && (property.PropertyType == typeof(RecordRef) || (!property.PropertyType.IsValueType && Nullability.Create(property).WriteState == NullabilityState.NotNull));
}
