using Valori.Kernel.Blake3;
using Valori.Kernel.Commands;
using Valori.Protocol;

namespace Valori.Actors.State;

/// <summary>
/// What a command with a request id asked for, in 32 bytes, so that the same id with another command is found. Equal for equal
/// commands, however they arrived, and computed from an event as well: an event has all that its command had. The bytes that are
/// hashed are in section 10 of docs/formats.md in Valori's repository. Frozen.
/// </summary>
internal static class CommandDigest
{
    private static readonly HashContext Context = new("Valori 2026-11-27 v1 request command");

    /// <summary>The digest of the command that led to an event.</summary>
    public static Digest Of(Event happened) => Of(happened.Command);

    public static Digest Of(Command command) => DigestMaterial.Hash(Context, command);
}
