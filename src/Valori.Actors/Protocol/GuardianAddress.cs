namespace Valori.Protocol;

/// <summary>Where the guardian is in every system: its name is part of the addresses that other processes know.</summary>
internal static class GuardianAddress
{
    /// <summary>The guardian's name under <c>/user</c>.</summary>
    public const string Name = "valori";
}
