namespace Valori.Actors.Text;

/// <summary>What the writer of an unknown word may have meant.</summary>
internal static class Spelling
{
    // Longer words are not slips of the keyboard, and a message should not carry them.
    private const int LongestWord = 64;

    /// <summary>The known word that is nearest, or null if none is near: two slips, or one in four letters, or another case.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length is 0 or > LongestWord) return null;
        string? nearest = null;
        int fewest = Math.Clamp(word.Length / 4, 1, 2) + 1;
        foreach (string candidate in known)
        {
            int slips = string.Equals(word, candidate, StringComparison.OrdinalIgnoreCase) ? 0 : Slips(Plain(word), Plain(candidate));
            if (slips < fewest) (nearest, fewest) = (candidate, slips);
        }
        return nearest;
    }

    /// <summary>A word as a message shows it: a long one is cut.</summary>
    public static string Shown(string word) => word.Length <= LongestWord ? word : $"{word[..LongestWord]}... ({word.Length} characters)";

    /// <summary>Case and the signs between words are the most frequent slips of all, and count as none.</summary>
    private static string Plain(string word) => string.Concat(word.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>Letters that were left out, added, changed, or swapped with the next one.</summary>
    private static int Slips(string a, string b)
    {
        int[,] slips = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    slips[i, j] = i + j;
                    continue;
                }
                int changed = slips[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                slips[i, j] = Math.Min(changed, Math.Min(slips[i - 1, j], slips[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) slips[i, j] = Math.Min(slips[i, j], slips[i - 2, j - 2] + 1);
            }
        }
        return slips[a.Length, b.Length];
    }
}
