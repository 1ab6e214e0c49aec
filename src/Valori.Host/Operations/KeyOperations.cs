using System.Text.Json.Serialization;
using Valori.Host.Security;

namespace Valori.Host.Operations;

internal sealed record ListKeysRequest;

/// <param name="Role">What it may do.</param>
/// <param name="Collections">Those that it may use; all without it.</param>
/// <param name="ExpiresAt">When it stops to be valid; never without it.</param>
internal sealed record AddKeyRequest(string Name, KeyRole Role, string[]? Collections = null, DateTimeOffset? ExpiresAt = null);

internal sealed record RevokeKeyRequest(string Name);

/// <summary>What is known of a key; its text is not.</summary>
/// <param name="Collections">Those that it may use; left out if all.</param>
/// <param name="ExpiresAt">When it stops to be valid; left out if never.</param>
internal record KeyAnswer(
    string Name, string Id, string Role,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Collections,
    string CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExpiresAt)
{
    public static KeyAnswer Of(ApiKey key) => new(
        key.Name, key.Id, key.Role.Word(), key.Collections, KeyTime.Format(key.CreatedAt), key.ExpiresAt is { } end ? KeyTime.Format(end) : null);
}

/// <summary>Keys by name.</summary>
internal sealed record KeysAnswer(IEnumerable<KeyAnswer> Keys);

/// <summary>A key that was added.</summary>
/// <param name="Key">Its text, which is told this once.</param>
internal sealed record AddedKeyAnswer(string Key, string Name, string Id, string Role, IReadOnlyList<string>? Collections, string CreatedAt, string? ExpiresAt)
    : KeyAnswer(Name, Id, Role, Collections, CreatedAt, ExpiresAt)
{
    public static AddedKeyAnswer Of(ApiKey key, string token)
    {
        KeyAnswer answer = Of(key);
        return new AddedKeyAnswer(token, answer.Name, answer.Id, answer.Role, answer.Collections, answer.CreatedAt, answer.ExpiresAt);
    }
}

/// <param name="Revoked">The name of the key that is not valid any more.</param>
internal sealed record RevokedKeyAnswer(string Revoked);

/// <summary>The keys of a service. They are no part of a collection, so <c>exec</c> does not have them; the verb is <c>valori keys</c>.</summary>
internal static class KeyOperations
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new Operation<ListKeysRequest, KeysAnswer>(OperationKind.Admin, "list_keys", "GET /v1/keys",
            "Returns the API keys of the service, without their secrets.",
            (on, _, _) => Task.FromResult(new KeysAnswer(on.Keys.Keys.Select(KeyAnswer.Of)))),
        new Operation<AddKeyRequest, AddedKeyAnswer>(OperationKind.Admin, "add_key", "POST /v1/keys",
            "Adds an API key, whose secret is in this answer and nowhere else.",
            async (on, request, stop) =>
            {
                (ApiKey key, string token) = await on.Keys.AddAsync(on.Caller, request.Name, request.Role, request.Collections, request.ExpiresAt, stop);
                return AddedKeyAnswer.Of(key, token);
            }),
        new Operation<RevokeKeyRequest, RevokedKeyAnswer>(OperationKind.Admin, "revoke_key", "DELETE /v1/keys/{name}",
            "Revokes an API key, and ends what is under way in its name.",
            async (on, request, stop) => new RevokedKeyAnswer((await on.Keys.RevokeAsync(on.Caller, request.Name, stop)).Name)),
    ];
}
