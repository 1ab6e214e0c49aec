using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Valori.Kernel.Memory;

namespace Valori.Kernel.Tests.Storage;

/// <summary>Large slabs are used again, but never while anybody can read them.</summary>
public sealed class SlabsTests
{
    private const int Middle = Slabs.Bytes / 2;

    [Fact]
    public void A_slab_that_nobody_can_read_is_used_again_without_its_pages()
    {
        Slabs slabs = new();
        nuint first = RentAndLeave(slabs);
        for (int i = 0; i < 3; i++)
        {
            Collect();
            Assert.Equal(first, RentAndLeave(slabs, isUsedAgain: true));
        }
    }

    [Fact]
    public void A_slab_that_is_read_through_a_reference_alone_stays_as_it_is()
    {
        Slabs slabs = new();
        ref byte read = ref RentAndRefer(slabs);
        Collect();
        Assert.NotEqual(AddressOf(ref read), RentAndLeave(slabs) + Middle);
        Assert.Equal(7, read);
    }

    [Fact]
    public void A_slab_that_was_used_again_is_guarded_again()
    {
        Slabs slabs = new();
        nuint first = RentAndLeave(slabs);
        Collect();
        ref byte read = ref RentAndRefer(slabs);
        Assert.Equal(first + Middle, AddressOf(ref read));
        Collect();
        Assert.NotEqual(first, RentAndLeave(slabs));
        Assert.Equal(7, read);
    }

    // Not inlined: a local of the caller would hold the slab.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nuint RentAndLeave(Slabs slabs, bool isUsedAgain = false)
    {
        byte[] slab = slabs.Rent();
        // Its pages were dropped, so it has others.
        if (isUsedAgain && OperatingSystem.IsLinux()) Assert.Equal(0, slab[Middle]);
        slab[Middle] = 7;
        return AddressOf(ref MemoryMarshal.GetArrayDataReference(slab));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ref byte RentAndRefer(Slabs slabs)
    {
        byte[] slab = slabs.Rent();
        slab[Middle] = 7;
        return ref slab[Middle];
    }

    private static unsafe nuint AddressOf(ref byte pinned) => (nuint)Unsafe.AsPointer(ref pinned);

    private static void Collect()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
