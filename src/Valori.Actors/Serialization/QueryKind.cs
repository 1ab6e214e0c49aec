using Valori.Actors.Protocol;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>One kind of query: its field in the message Query, and how that is written and read. All of them share what every query has.</summary>
internal sealed record QueryKind(Type Type, Proto.Query.QueryOneofCase Field, Func<Query, Proto.Query> Write, Func<Proto.Query, Query> Read)
{
    public static QueryKind Of<TQuery>(Proto.Query.QueryOneofCase field, Func<TQuery, Proto.Query> write, Func<Proto.Query, TQuery> read)
        where TQuery : Query => new(typeof(TQuery), field, query => write((TQuery)query), read);
}
