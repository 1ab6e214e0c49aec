using System.Diagnostics.CodeAnalysis;

namespace Valori.Kernel.Blake3;

/// <summary>What a compression by rows moves words about with, in one register width: within each 16 bytes, as x86's instructions do.</summary>
internal interface IRows<TVector>
{
    /// <summary>Two words of <paramref name="a"/>, then two of <paramref name="b"/>; two bits of the control choose each.</summary>
    static abstract TVector Pick(TVector a, TVector b, [ConstantExpected] byte control);

    /// <summary>The words in another order; two bits of the control choose each.</summary>
    static abstract TVector Order(TVector a, [ConstantExpected] byte control);

    /// <summary>The words of <paramref name="a"/>; those of <paramref name="b"/> at the two bits of the control that are set.</summary>
    static abstract TVector Blend(TVector a, TVector b, [ConstantExpected] byte control);
}
