using Akka.Persistence.Query;

namespace Valori.Actors.Tests.Support;

/// <summary>A read journal that fails as the SQL plugin does when its write journal is slow to start.</summary>
public sealed class FailingReadJournal : IReadJournalProvider
{
    public IReadJournal GetReadJournal() => throw new AggregateException(new TimeoutException("no answer yet"));
}
