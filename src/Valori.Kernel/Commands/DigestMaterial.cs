using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Valori.Kernel.Blake3;
using Valori.Protocol;

namespace Valori.Kernel.Commands;

/// <summary>
/// Takes the bytes of a command that its digest covers. Those of a small command are put into a span and hashed at once: the state of
/// a <see cref="StreamHasher"/> is 1.9 kB, which would have to be cleared for a few bytes.
/// </summary>
internal ref struct DigestMaterial
{
    // A chunk of BLAKE3, which is hashed without a tree.
    private const int SmallBytes = Compression.ChunkBytes;

    // More than any command has beside its content.
    private const int MaximumFixedBytes = 64;

    private readonly HashContext _context;
    private readonly Span<byte> _room;
    private readonly ref StreamHasher _hasher;
    private int _length;

    private DigestMaterial(HashContext context, Span<byte> room)
    {
        _context = context;
        _room = room;
    }

    private DigestMaterial(HashContext context, ref StreamHasher hasher)
    {
        _context = context;
        _hasher = ref hasher;
    }

    /// <summary>The digest, in a context, of a number and what the command asks for.</summary>
    [SkipLocalsInit]
    public static Digest Hash(HashContext context, Command command)
    {
        if (command.ContentBytes > SmallBytes - MaximumFixedBytes) return HashLarge(context, command);
        DigestMaterial material = new(context, stackalloc byte[SmallBytes]);
        material.Add(command);
        return context.Hash(material._room[..material._length]);
    }

    // Apart, so that small commands do not pay for the hasher on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Digest HashLarge(HashContext context, Command command)
    {
        StreamHasher hasher = context.NewHasher();
        DigestMaterial material = new(context, ref hasher);
        material.Add(command);
        return hasher.Finalize();
    }

    /// <summary>Takes a number as eight bytes, little-endian.</summary>
    public void Add(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Add(bytes);
    }

    /// <summary>Takes a number as four bytes, little-endian.</summary>
    public void Add(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        Add(bytes);
    }

    /// <summary>Takes bytes as they are.</summary>
    public void Add(scoped ReadOnlySpan<byte> bytes)
    {
        if (!Unsafe.IsNullRef(ref _hasher))
        {
            _hasher.Update(bytes);
            return;
        }
        bytes.CopyTo(_room[_length..]);
        _length += bytes.Length;
    }

    /// <summary>Takes <c>u16 length, bytes</c>.</summary>
    public void AddText(scoped ReadOnlySpan<byte> utf8)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)utf8.Length);
        Add(length);
        Add(utf8);
    }

    /// <summary>Takes the digest of a command that is part of this one.</summary>
    public void AddDigestOf(Command part)
    {
        Span<byte> digest = stackalloc byte[Digest.SizeBytes];
        Hash(_context, part).CopyTo(digest);
        Add(digest);
    }

    private void Add(Command command)
    {
        Add([checked((byte)command.CommandKind.EventNumber)]);
        command.AddTo(ref this);
    }
}
