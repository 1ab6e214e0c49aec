using Akka.Actor;
using Valori.Protocol;

namespace Valori.Actors.Client;

/// <summary>From a gateway to the name of its engine, and back by way of the guardian.</summary>
internal static class EngineAddresses
{
    /// <summary>
    /// The name by which one engine's process finds another engine; null if none would lead there, as between two ActorSystems of one
    /// process without remoting.
    /// </summary>
    public static EngineAddress? Of(IActorRef gateway, IActorRef asked)
    {
        if (gateway is not IInternalActorRef { Provider: { } provider } known || asked is not IInternalActorRef { Provider: { } askedProvider } asker) return null;
        if (provider == askedProvider && known.IsLocal && asker.IsLocal) return new EngineAddress(provider.DefaultAddress, gateway.Path.Name);
        Address address = known.IsLocal ? provider.DefaultAddress : gateway.Path.Address;
        return address.HasGlobalScope && askedProvider is not LocalActorRefProvider ? new EngineAddress(address, gateway.Path.Name) : null;
    }

    /// <summary>Asks the guardian for the engine's gateway.</summary>
    /// <exception cref="RefusedException">There is no such engine, or this ActorSystem cannot reach the one that is named.</exception>
    /// <exception cref="EngineException">The guardian does not answer in time, answers with an actor that is not below it, or the engine is not ready.</exception>
    public static async Task<IActorRef> FindAsync(ActorSystem system, EngineAddress engine, TimeSpan timeout)
    {
        IActorRefProvider provider = ((ExtendedActorSystem)system).Provider;
        if (provider is LocalActorRefProvider && engine.System != provider.DefaultAddress)
        {
            throw new RefusedException(new Refusal(RefusalKind.InvalidArgument,
                $"{engine} cannot be reached: the ActorSystem of the collection that was asked, {provider.DefaultAddress}, has no remoting: "
                    + "give it the settings of hocon/remote.conf in Valori's repository"));
        }
        IActorRef guardian = provider.ResolveActorRef(engine.Guardian);
        EngineOpened opened = await Requests.AskAsync<EngineOpened>(
            guardian, new OpenEngine(engine.Name, Create: false, Wait: false), timeout, CancellationToken.None).ConfigureAwait(false);
        Requests.RequireChild(guardian, opened.Gateway);
        return opened.Gateway;
    }
}
