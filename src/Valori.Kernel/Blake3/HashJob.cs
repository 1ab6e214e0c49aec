namespace Valori.Kernel.Blake3;

/// <summary>What many equally long inputs, each at most a chunk, share when they are hashed together.</summary>
internal readonly ref struct HashJob
{
    /// <summary>The eight words that each input's chaining value starts from.</summary>
    public required ReadOnlySpan<uint> Key { get; init; }

    /// <summary>Bytes of each input, 1 to 1024.</summary>
    public required int Length { get; init; }

    /// <summary>Bytes from one input to the next.</summary>
    public required int InputStride { get; init; }

    /// <summary>Bytes from one chaining value to the next, at least 32.</summary>
    public int OutputStride { get; init; } = Digest.SizeBytes;

    /// <summary>The first input's counter: its chunk's index in the message that it is a chunk of; 0 for parents.</summary>
    public ulong Counter { get; init; }

    /// <summary>What each further input adds: 1 for the chunks of one message, 0 for the same chunk of many messages.</summary>
    public uint CounterStep { get; init; }

    /// <summary>Flags of every block: the mode, and <see cref="Compression.Parent"/> for parents.</summary>
    public required uint Flags { get; init; }

    /// <summary>Further flags of each input's first block.</summary>
    public uint FirstBlockFlags { get; init; }

    /// <summary>Further flags of each input's last block, which may be the first too.</summary>
    public uint LastBlockFlags { get; init; }

    public HashJob()
    {
    }
}
