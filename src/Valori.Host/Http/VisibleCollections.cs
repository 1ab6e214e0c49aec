using Valori.Actors.Text;
using Valori.Host.Operations;
using Valori.Host.Security;

namespace Valori.Host.Http;

/// <summary>
/// The collections that a key may use. Those that it may not use are not listed, and a request for one is refused before it is looked for:
/// the answer is the same whether there is one of that name or not.
/// </summary>
internal sealed class VisibleCollections(ICollections all, Caller caller) : ICollections
{
    public static string RefusalOf(Caller caller, string name) => $"the key '{caller.Name}' may not use the collection '{Spelling.Shown(name)}'";

    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await all.ListAsync(cancellationToken)).Where(caller.MayUse)];

    public Task<ValoriEngine> GetAsync(string name, CancellationToken cancellationToken) => all.GetAsync(Checked(name), cancellationToken);

    public Task<ValoriEngine> CreateAsync(string name, WantedSchema schema, CancellationToken cancellationToken) => all.CreateAsync(Checked(name), schema, cancellationToken);

    public Task DropAsync(string name, CancellationToken cancellationToken) => all.DropAsync(Checked(name), cancellationToken);

    private string Checked(string name) => caller.MayUse(name) ? name : throw new ForbiddenException(RefusalOf(caller, name));
}

/// <summary>The key of a request may not do what it asks for.</summary>
internal sealed class ForbiddenException(string message) : Exception(message);
