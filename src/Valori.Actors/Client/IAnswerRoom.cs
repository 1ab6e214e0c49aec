namespace Valori.Actors.Client;

/// <summary>The memory that one who asks in this process has for the answer. It is taken before the answer is built. Thread-safe.</summary>
internal interface IAnswerRoom
{
    /// <summary>Takes some, before the memory is allocated.</summary>
    /// <exception cref="RefusedException">There would not be so much for this answer alone.</exception>
    /// <exception cref="EngineException">There is not so much at the moment.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for the answer any more.</exception>
    void Grow(long bytes);

    /// <summary>Returns some.</summary>
    void Shrink(long bytes);
}
