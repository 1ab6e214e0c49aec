using Akka.Actor;
using Valori.Actors.Gateway;
using Valori.Protocol;

namespace Valori.Actors.Tests.Gateway;

public sealed class OpenersTests
{
    [Fact]
    public void Openers_are_taken_in_the_order_in_which_they_asked()
    {
        Openers openers = new();
        Assert.Null(openers.First);
        Assert.True(openers.IsEmpty);
        for (int dimension = 1; dimension <= 3; dimension++) openers.Add(ActorRefs.Nobody, new OpenEngine("notes", dimension));
        Assert.Equal(1, openers.First!.Schema!.Dimension);
        Assert.Equal([1, 2, 3], openers.TakeAll().Select(opener => opener.Request.Schema!.Dimension));
        Assert.True(openers.IsEmpty);
        Assert.Empty(openers.TakeAll());
    }

    [Fact]
    public void Those_of_a_kind_are_taken_and_the_others_stay()
    {
        Openers openers = new();
        openers.Add(ActorRefs.Nobody, new OpenEngine("notes", 1, Create: true));
        openers.Add(ActorRefs.Nobody, new OpenEngine("notes", 2, Create: false));
        openers.Add(ActorRefs.Nobody, new OpenEngine("notes", 3, Create: true));
        Assert.Equal([1, 3], openers.Take(request => request.Create).Select(opener => opener.Request.Schema!.Dimension));
        Assert.Equal(2, openers.First!.Schema!.Dimension);
    }
}
