using Valori.Actors.Protocol;
using Valori.Kernel;
using Proto = Valori.Actors.Serialization.MessageProto;

namespace Valori.Actors.Serialization;

/// <summary>The questions that search: one form on the wire for all of them, and a <see cref="SearchQuery"/> in it.</summary>
internal static partial class MessageCodec
{
    public static Proto.Search SearchToProto(SearchQuestion search)
    {
        Proto.Search proto = new() { Query = ToProto(search.Query.Vectors), K = search.Query.K };
        if (search is Search { WithReceipt: true }) proto.WithReceipt = true;
        if (search is SearchExpand { Depth: var depth }) proto.Depth = depth;
        switch (search.Query.Filter)
        {
            case RecordFilter.Everything: break;
            case RecordFilter.TagEquals(var tag): proto.FilterTag = tag; break;
            default: throw new ArgumentException($"{search.Query.Filter.GetType().Name} has no form on the wire");
        }
        return proto;
    }

    public static SearchQuery QueryFromProto(Proto.Search proto) => new(FromProto(proto.Query), proto.K)
    {
        Filter = proto.HasFilterTag ? RecordFilter.Tag(proto.FilterTag) : RecordFilter.All,
    };
}
