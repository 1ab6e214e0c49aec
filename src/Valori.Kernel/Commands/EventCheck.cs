namespace Valori.Kernel.Commands;

/// <summary>Whether the journal has a check of an event's bytes (section 10 of docs/formats.md in Valori's repository). Frozen for each kind.</summary>
internal enum EventCheck
{
    /// <summary>Every entry has it: new kinds.</summary>
    Always,

    /// <summary>Entries that are written now have it. Older ones need not.</summary>
    WhenWritten,

    /// <summary>As <see cref="WhenWritten"/>, if a request names the command. Then bytes that changed would make it another one when it is sent again.</summary>
    WhenNamed,

    /// <summary>Entries keep the bytes that they had before there was the check.</summary>
    Never,
}
