using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Valori.Benchmarks.Measuring;

/// <summary>What a figure depends on besides the code.</summary>
internal sealed record Machine(string Cpu, int Cores, double MemoryGib, string Os, string Runtime, string Simd)
{
    public static Machine This { get; } = new(
        CpuModel(),
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30), 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        SimdOfRuntime());

    public override string ToString() => FormattableString.Invariant($"{Cpu}, {Cores} cores, {MemoryGib} GiB, {Os}, {Runtime}, {Simd}");

    private static string CpuModel()
    {
        const string cpuInfo = "/proc/cpuinfo";
        string? model = File.Exists(cpuInfo)
            ? File.ReadLines(cpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return model ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string SimdOfRuntime()
    {
        (string Name, bool IsSupported)[] sets =
        [
            ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported), ("AVX-VNNI", AvxVnni.IsSupported), ("AVX-512F", Avx512F.IsSupported),
            ("AVX-512BW", Avx512BW.IsSupported), ("AdvSimd", AdvSimd.IsSupported), ("Dp", Dp.IsSupported),
        ];
        string supported = string.Join(" ", sets.Where(set => set.IsSupported).Select(set => set.Name));
        if (supported.Length > 0) return supported;
        return Vector128.IsHardwareAccelerated ? "128-bit vectors" : "no SIMD";
    }
}
