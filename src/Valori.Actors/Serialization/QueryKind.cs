using Valori.Protocol;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>One kind of query: its field in the message Query, and how that is written and read. All of them share what every query has.</summary>
/// <param name="Answer">The type of its answer, unless it is refused.</param>
internal sealed record QueryKind(Type Type, Type Answer, Proto.Query.QueryOneofCase Field, Func<Query, Proto.Query> Write, Func<Proto.Query, Query> Read)
{
    /// <summary>A second field, for what the first one has no room for; none if it is the same.</summary>
    public Proto.Query.QueryOneofCase OtherField { get; init; } = Field;

    public static QueryKind Of<TQuery, TAnswer>(Proto.Query.QueryOneofCase field, Func<TQuery, Proto.Query> write, Func<Proto.Query, TQuery> read)
        where TQuery : Query => new(typeof(TQuery), typeof(TAnswer), field, query => write((TQuery)query), read);
}
