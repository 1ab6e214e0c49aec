namespace Valori.Kernel.Blake3;

/// <summary>What goes on beside a compression by <see cref="ScalarCompression"/>.</summary>
internal interface IBeside
{
    /// <summary>Takes the next step, if there is one.</summary>
    void Step();
}
