using Valori.Kernel.Proximity;

namespace Valori.Kernel.Tests.Search.Proximity;

/// <summary>Distances of codes equal the scalar specification on whatever vector units there are.</summary>
public sealed unsafe class CodeDistanceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_path_equals_the_scalar_one_for_every_length(int seed)
    {
        Random random = new(seed);
        for (int bytes = 0; bytes <= 40 * CodeDistance.Granularity; bytes += CodeDistance.Granularity)
        {
            bool isExtreme = bytes / CodeDistance.Granularity % 2 == 0;
            byte[] a = new byte[bytes + 1], b = new byte[bytes + 1];
            for (int i = 0; i < bytes; i++)
            {
                a[i] = (byte)(isExtreme ? 127 * random.Next(2) : random.Next(128));
                b[i] = (byte)(isExtreme ? 127 - a[i] : random.Next(128));
            }
            fixed (byte* left = a, right = b)
            {
                int expected = CodeDistance.SquaredScalar(left, right, bytes);
                Assert.Equal(expected, CodeDistance.Squared(left, right, bytes));
                Assert.Equal(expected, CodeDistance.SquaredVector128(left, right, bytes));
                if (System.Runtime.Intrinsics.X86.Avx2.IsSupported) Assert.Equal(expected, CodeDistance.SquaredAvx2(left, right, bytes));

                for (int i = 0; i < bytes; i++) b[i] = (byte)(sbyte)(isExtreme ? 127 * (1 - random.Next(2) * 2) : random.Next(-127, 128));
                int product = CodeDistance.ProductScalar(right, left, bytes);
                Assert.Equal(127 * 127 * bytes - product, CodeDistance.Product(right, left, bytes));
                Assert.Equal(product, CodeDistance.ProductVector128(right, left, bytes));
                if (System.Runtime.Intrinsics.X86.Avx2.IsSupported) Assert.Equal(product, CodeDistance.ProductAvx2(right, left, bytes));
            }
        }
    }
}
