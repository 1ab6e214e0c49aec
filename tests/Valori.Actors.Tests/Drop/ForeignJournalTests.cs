using Valori.Protocol;

namespace Valori.Actors.Tests.Drop;

/// <summary>A journal that is not Valori's own keeps the last sequence number of what it deletes.</summary>
public sealed class ForeignJournalTests() : EngineTestKit("")
{
    [Fact]
    public void A_drop_is_refused_with_the_plugin_s_name_and_nothing_changes()
    {
        Akka.Actor.IActorRef gateway = Open();
        Guardian.Tell(new DropEngine("test"), TestActor);
        Refusal refusal = ExpectMsg<Refusal>(TimeSpan.FromSeconds(20));
        Assert.Equal(RefusalKind.InvalidArgument, refusal.Kind);
        Assert.StartsWith("the journal plugin test-journal cannot drop a collection: it is not Valori's own", refusal.Message);
        Assert.Equal(1, Status(gateway).SequenceNr);
    }
}
