namespace Valori.Benchmarks;

internal static class OutcomeExtensions
{
    /// <summary>The value; a benchmark has no use for a refusal.</summary>
    public static T OrThrow<T>(this Outcome<T> outcome) where T : class =>
        outcome.TryGet(out T? value, out Refusal? refusal) ? value : throw new InvalidOperationException(refusal.Message);
}
