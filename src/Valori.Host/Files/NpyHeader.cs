using Valori.Actors.Text;

namespace Valori.Host.Files;

/// <summary>
/// The header of an .npy file (numpy.lib.format): a Python dictionary of exactly <c>descr</c>, <c>fortran_order</c> and
/// <c>shape</c>. Read as NumPy reads it: either kind of quotes, Python 2's <c>3L</c>, spaces and commas anywhere.
/// </summary>
/// <param name="Type">The text of <c>descr</c>.</param>
/// <param name="IsFortranOrder">Whether the array lies in memory column by column.</param>
/// <param name="Shape">The length of each dimension.</param>
internal sealed record NpyHeader(string Type, bool IsFortranOrder, IReadOnlyList<long> Shape)
{
    /// <exception cref="VectorFileException">Not such a dictionary; the message names the file and what is wrong.</exception>
    public static NpyHeader Parse(string path, string text) => new Parser(path, text).Parse();

    private ref struct Parser(string path, string text)
    {
        private int _at;

        public NpyHeader Parse()
        {
            string? type = null;
            bool? isFortranOrder = null;
            IReadOnlyList<long>? shape = null;
            Expect('{');
            while (!TryTake('}'))
            {
                string name = QuotedText();
                Expect(':');
                if (name switch { "descr" => type is not null, "fortran_order" => isFortranOrder is not null, "shape" => shape is not null, _ => false })
                    throw Wrong($"has the field '{name}' twice");
                switch (name)
                {
                    case "descr": type = TypeText(); break;
                    case "fortran_order": isFortranOrder = Truth(); break;
                    case "shape": shape = Numbers(); break;
                    default: throw Wrong($"has an unknown field '{name}'; known are descr, fortran_order and shape");
                }
                if (TryTake(',')) continue;
                Expect('}');
                break;
            }
            if (Peek() is { } rest) throw Wrong($"goes on with '{rest}' after its end");
            return new NpyHeader(type ?? throw Missing("descr"), isFortranOrder ?? throw Missing("fortran_order"), shape ?? throw Missing("shape"));
        }

        private string TypeText() => Peek() == '['
            ? throw new VectorFileException($"{path}: the array's type is structured, {text[_at..].Split('\n')[0].Trim()}; save one plain array of float32")
            : QuotedText();

        private string QuotedText()
        {
            if (Peek() is not ('\'' or '"')) throw Unexpected("a text in quotes");
            int end = text.IndexOf(text[_at], _at + 1);
            if (end < 0) throw Unexpected("a text in quotes");
            string found = text[(_at + 1)..end];
            _at = end + 1;
            return found;
        }

        private bool Truth() => Word() switch
        {
            "True" => true,
            "False" => false,
            var other => throw Wrong($"has fortran_order {other}; it must be True or False"),
        };

        private List<long> Numbers()
        {
            List<long> numbers = [];
            Expect('(');
            while (!TryTake(')'))
            {
                string word = Word();
                if (!WholeNumbers.TryParse(word.EndsWith('L') ? word[..^1] : word, out long number))
                    throw Wrong($"has '{word}' in the shape; expected whole numbers");
                numbers.Add(number);
                if (TryTake(',')) continue;
                Expect(')');
                break;
            }
            return numbers;
        }

        /// <summary>What stands before the next comma, bracket or space.</summary>
        private string Word()
        {
            if (Peek() is null) throw Unexpected("a value");
            int end = text.AsSpan(_at).IndexOfAny(",)}: \n");
            end = end < 0 ? text.Length : _at + end;
            string word = text[_at..end];
            _at = end;
            return word;
        }

        private void Expect(char wanted)
        {
            if (!TryTake(wanted)) throw Unexpected($"'{wanted}'");
        }

        private bool TryTake(char wanted)
        {
            if (Peek() != wanted) return false;
            _at++;
            return true;
        }

        /// <summary>The next character that is not a space, or null at the end.</summary>
        private char? Peek()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
            return _at < text.Length ? text[_at] : null;
        }

        private VectorFileException Missing(string name) => Wrong($"has no field '{name}'");

        private VectorFileException Unexpected(string wanted) =>
            Wrong($"has {(_at < text.Length ? $"'{text[_at]}'" : "its end")} at character {_at}; expected {wanted}");

        private VectorFileException Wrong(string message) => new($"{path}: the .npy header {message}");
    }
}
