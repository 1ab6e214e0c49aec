namespace Valori.Host.Json;

/// <summary>
/// Collects the components of vectors in large arrays: one array a vector would cost its header for each. What it allocates is told
/// to <paramref name="allocating"/> before, which may refuse by throwing.
/// </summary>
internal sealed class VectorBuffer(Action<long> allocating)
{
    private const int FirstLength = 1 << 10;
    private const int ChunkLength = 64 << 10;

    private readonly List<ReadOnlyMemory<float>> _vectors = [];
    private float[] _chunk = [];
    private int _start, _end;

    public IReadOnlyList<ReadOnlyMemory<float>> Vectors => _vectors;

    /// <summary>Components of the vector that is being collected.</summary>
    public int Length => _end - _start;

    /// <summary>Whether it has only zeros.</summary>
    public bool IsZero => !_chunk.AsSpan(_start, Length).ContainsAnyExcept(0f);

    /// <summary>The index in it of a component that became zero and was not.</summary>
    public int? Vanished { get; set; }

    public void Add(float component)
    {
        if (_end == _chunk.Length) MakeRoom();
        _chunk[_end++] = component;
    }

    public void EndVector()
    {
        if (_vectors.Count == _vectors.Capacity)
        {
            int capacity = Math.Max(16, checked(_vectors.Capacity * 2));
            allocating((capacity - _vectors.Capacity) * 16L);
            _vectors.Capacity = capacity;
        }
        _vectors.Add(_chunk.AsMemory(_start, Length));
        _start = _end;
        Vanished = null;
    }

    private void MakeRoom()
    {
        int length = Math.Max(Math.Clamp(_chunk.Length * 2, FirstLength, ChunkLength), Length * 2);
        allocating(length * (long)sizeof(float));
        float[] next = new float[length];
        _chunk.AsSpan(_start, Length).CopyTo(next);
        (_chunk, _start, _end) = (next, 0, Length);
    }
}

/// <summary>Collects numbers in one array, like <see cref="VectorBuffer"/>.</summary>
internal sealed class TagBuffer(Action<long> allocating)
{
    private ulong[] _tags = [];

    public int Length { get; private set; }

    public void Add(ulong tag)
    {
        if (Length == _tags.Length)
        {
            int length = Math.Max(1 << 10, checked(Length * 2));
            allocating((length - Length) * (long)sizeof(ulong));
            Array.Resize(ref _tags, length);
        }
        _tags[Length++] = tag;
    }

    public ulong[] ToArray() => _tags.Length == Length ? _tags : _tags.AsSpan(0, Length).ToArray();
}
