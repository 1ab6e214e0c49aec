namespace Valori.Kernel.Storage;

/// <summary>Rows that may have a key each, as records and nodes.</summary>
internal interface IKeyedRows
{
    /// <summary>The key of a row; empty without one. It never changes.</summary>
    ReadOnlySpan<byte> KeyOf(ulong row);
}
