using Valori.Host.Tests.Support;

namespace Valori.Host.Tests.Processes;

/// <summary>Wrong usage is exit code 2 and says what is wrong; what fails is exit code 1 and says what failed.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("Option '--data' is required.", "serve ", "serve")]
    [InlineData("'serch' is not a verb: did you mean 'search'? The verbs are serve, exec", "", "serch")]
    [InlineData("Unrecognized command or argument '--dta': did you mean '--data'?", "serve ", "--dta", "x")]
    [InlineData("Option '--data' expects a single argument but 2 were provided.", "info ", "info", "--data", "x", "--data", "y")]
    [InlineData("Option '--k' expects a single argument but 2 were provided.", "search ", "search", "--data", "x", "--queries", "a.fvecs", "--k", "1", "--k", "2")]
    [InlineData("'nonsense' is not a verb; the verbs are serve, exec, import, search, info", "", "nonsense")]
    [InlineData("Unrecognized command or argument '--bogus'.", "info ", "info", "--data", "x", "--bogus")]
    [InlineData("Required argument missing for command: 'import'.", "import ", "import", "--data", "x")]
    [InlineData("Unrecognized command or argument '--bacth': did you mean '--batch'?", "import ", "import", "--data", "x", "--bacth", "5", "a.fvecs")]
    [InlineData("--data is empty; it must be a path", "info ", "info", "--data", "")]
    [InlineData("--batch is 'abc'; it must be a whole number from 1 to 2147483647", "import ", "import", "--data", "x", "--batch", "abc", "a.fvecs")]
    [InlineData("--batch is '0'; it must be", "import ", "import", "--data", "x", "--batch", "0", "a.fvecs")]
    [InlineData("--k is '-1'; it must be", "search ", "search", "--data", "x", "--queries", "a.fvecs", "--k", "-1")]
    [InlineData("--base needs --truth, which is missing", "search ", "search", "--data", "x", "--queries", "a.fvecs", "--base", "b.fvecs")]
    [InlineData("--tag is '-1'; it must be a whole number from 0 to 18446744073709551615", "search ", "search", "--data", "x", "--queries", "a.fvecs", "--tag", "-1")]
    [InlineData("--with is 'vectors'; it must be key, fields, metadata, vector, tag or expires_at", "search ", "search", "--data", "x", "--queries", "a.fvecs", "--with", "key", "--with", "vectors")]
    [InlineData("--with is 'key' twice; once is enough", "search ", "search", "--data", "x", "--queries", "a.fvecs", "--with", "key", "--with", "key")]
    [InlineData("--with and --truth: leave one of the two out", "search ", "search", "--data", "x", "--queries", "a.fvecs", "--with", "key", "--truth", "t.ivecs")]
    [InlineData("--mode is 'fast'; it must be exact, approximate or auto", "search ", "search", "--data", "x", "--queries", "a.fvecs", "--mode", "fast")]
    [InlineData("--beam is for the modes approximate and auto, and --mode is missing", "search ", "search", "--data", "x", "--queries", "a.fvecs", "--beam", "7")]
    [InlineData("--beam is for the modes approximate and auto, and --mode is exact", "search ", "search", "--data", "x", "--queries", "a.fvecs", "--mode", "exact", "--beam", "7")]
    [InlineData("--beam is '0'; it must be a whole number from 1 to 4096", "search ", "search", "--data", "x", "--queries", "a.fvecs", "--mode", "auto", "--beam", "0")]
    [InlineData("--dimension is '65537'; it must be a whole number from 1 to 65536", "exec ", "exec", "--data", "x", "--dimension", "65537")]
    [InlineData("--metric is 'euclid'; it must be l2, cosine or dot", "exec ", "exec", "--data", "x", "--metric", "euclid")]
    [InlineData("--scale is 3; it must be a power of two from 2^-16 to 2^16: the nearest are 2 and 4", "import ", "import", "--data", "x", "--scale", "3", "a.fvecs")]
    [InlineData("--scale is '2^6'; it must be a power of two from 2^-16 to 2^16, such as 64 or 0.25", "import ", "import", "--data", "x", "--scale", "2^6", "a.fvecs")]
    [InlineData("--urls has 'nonsense': expected an address like http://127.0.0.1:7480", "serve ", "serve", "--data", "x", "--urls", "nonsense")]
    [InlineData("--urls has 'http://127.0.0.1:99999': a port is from 0 to 65535", "serve ", "--data", "x", "--urls", "http://127.0.0.1:99999")]
    [InlineData("--urls has 'http://127.0.0.1:80:81': '127.0.0.1:80' is not an IP address, a name, or '*' for all addresses", "serve ", "--data", "x", "--urls", "http://127.0.0.1:80:81")]
    [InlineData("--urls has 'http://127.0.0.256:81': '127.0.0.256' is not an IP address, a name, or '*' for all addresses", "serve ", "--data", "x", "--urls", "http://127.0.0.256:81")]
    [InlineData("--urls has 'http://unix:': 'unix:' is not an IP address, a name, or '*' for all addresses", "serve ", "--data", "x", "--urls", "http://unix:")]
    [InlineData("--urls has 'http://unix:/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx': the path of the socket has", "serve ", "--data", "x", "--urls", "http://unix:/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("--urls has 'ftp://127.0.0.1:1': only http and https are supported", "serve ", "--data", "x", "--urls", "ftp://127.0.0.1:1")]
    public async Task Wrong_usage_is_exit_code_2_with_the_value_and_where_to_look(string message, string verb, params string[] arguments)
    {
        Finished finished = await ValoriProcess.RunAsync(arguments);
        Assert.Equal((2, ""), (finished.ExitCode, finished.Output));
        Assert.StartsWith($"valori: {message}", finished.Error);
        Assert.EndsWith($"Try 'valori {verb}--help'.\n", finished.Error);
    }

    [Theory]
    [InlineData("serve", "exec", "import <FILE>", "search", "info", "--version")]
    [InlineData("--data <DIR> (REQUIRED)", "[default: http://127.0.0.1:7480]", "--config <FILE>", "serve")]
    [InlineData("--batch <N>", "--resume", "[default: default]", "import")]
    [InlineData("--k <K>", "[default: 10]", "--truth <FILE.ivecs>", "search")]
    public async Task Help_tells_options_and_each_default_once(params string[] expectedThenVerb)
    {
        string[] verb = expectedThenVerb[^1] == "--version" ? [] : [expectedThenVerb[^1]];
        Finished finished = await ValoriProcess.RunAsync([.. verb, "--help"]);
        Assert.Equal((0, ""), (finished.ExitCode, finished.Error));
        foreach (string expected in expectedThenVerb) Assert.Contains(expected, finished.Output);
        Assert.DoesNotContain("(default", finished.Output);
    }

    [Fact]
    public async Task Without_arguments_the_verbs_are_told_and_how_to_begin()
    {
        Finished finished = await ValoriProcess.RunAsync();
        Assert.Equal((2, ""), (finished.ExitCode, finished.Output));
        foreach (string verb in new[] { "serve", "exec", "import <FILE>", "search", "info", "verify", "log", "diff", "check" }) Assert.Contains($"\n  {verb} ", finished.Error);
        Assert.Contains("To begin:\n  valori serve --data DIR", finished.Error);
    }

    [Trait("Category", "Slow")]
    [Fact]
    public async Task Every_verb_takes_the_name_of_a_directory_to_the_letter()
    {
        string data = _directory.File("ends with a space "), other = _directory.File("other ");
        foreach (string directory in new[] { data, other })
        {
            Finished inserted = await ValoriProcess.RunWithInputAsync("{\"op\":\"insert\",\"vector\":[1,2]}\n", "exec", "--data", directory, "--dimension", "2");
            Assert.Equal(0, inserted.ExitCode);
            Assert.True(File.Exists(Path.Combine(directory, "journal.db")), directory);
        }
        string queries = _directory.File("queries.jsonl");
        await File.WriteAllTextAsync(queries, "[1,2]\n");
        foreach (string[] verb in new[]
        {
            ["info", "--data", data], ["verify", "--data", data], ["log", "--data", data], ["search", "--data", data, "--queries", queries],
            ["diff", "--data", data, "--data", other], new[] { "import", "--data", data, queries },
        })
        {
            Finished finished = await ValoriProcess.RunAsync(verb);
            Assert.True(finished.ExitCode == 0, $"{verb[0]}: {finished}");
        }
        Assert.Equal(2, Directory.GetDirectories(_directory.Path).Length);
    }

    [Fact]
    public async Task What_is_not_there_is_exit_code_1_with_its_name()
    {
        string missing = _directory.File("missing");
        await FailsAsync($"the directory {missing} does not exist", "info", "--data", missing);
        await FailsAsync($"{_directory.Path} holds no Valori data (no journal.db)", "info", "--data", _directory.Path);
        await FailsAsync($"{missing}.fvecs cannot be read: there is no such file", "import", "--data", _directory.Path, missing + ".fvecs");
        await FailsAsync($"{missing}.txt: unknown extension '.txt'; known are .fvecs, .npy and .jsonl, with float components", "import", "--data", _directory.Path, missing + ".txt");
        await FailsAsync($"the configuration {missing} cannot be read: there is no such file", "serve", "--data", _directory.Path, "--urls", "http://127.0.0.1:0", "--config", missing);
        await FailsAsync($"--proof {_directory.Path} cannot be read: it is a directory", "check", "--proof", _directory.Path, "--receipt", "{}");
        await FailsAsync($"--proof {missing} cannot be read: there is no such file", "check", "--proof", missing, "--receipt", "{}");
        await FailsAsync("'Bad Name' is not a valid collection name: use 1 to 64 of a-z", "exec", "--data", _directory.Path, "--collection", "Bad Name");
        Assert.Empty(Directory.GetFiles(_directory.Path, "*.pid"));
    }

    [Fact]
    public async Task A_file_is_not_a_data_directory()
    {
        string file = _directory.File("a-file");
        await File.WriteAllTextAsync(file, "text");
        string error = $"{file} is a file, not a data directory";
        await FailsAsync(error, "serve", "--data", file, "--urls", "http://127.0.0.1:0");
        await FailsAsync(error, "exec", "--data", file);
        await FailsAsync(error, "exec", "--data", file, "--dimension", "3");
        await FailsAsync(error, "verify", "--data", file);
        await FailsAsync(error, "diff", "--data", file, "--data", _directory.Path);
        Assert.Equal("text", await File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData("valori {", "ends inside what was opened in line 1")]
    [InlineData("# {\nvalori {\n  query-actors = 2\n  scrub { interval = 1h\n}\n", "ends inside what was opened in line 2")]
    [InlineData("akka.loggers = [\"}\"", "ends inside what was opened in line 1")]
    [InlineData("valori { query-actors = 2 } // }\n}", "closes in line 2 what was not opened")]
    public async Task A_configuration_that_was_cut_off_is_refused(string text, string what)
    {
        string config = _directory.File("cut.conf");
        await File.WriteAllTextAsync(config, text);
        await FailsAsync($"the configuration {config} {what}", "serve", "--data", _directory.File("data"), "--urls", "http://127.0.0.1:0", "--config", config);
        Assert.False(Directory.Exists(_directory.File("data")));
    }

    [Fact]
    public async Task A_receipt_with_a_field_twice_is_refused()
    {
        string proof = _directory.File("proof"), hash = new('0', 64);
        await File.WriteAllTextAsync(proof, "{}");
        string field = $"\"state_hash\":\"{hash}\"";
        await FailsAsync("--receipt is not a receipt: field 'state_hash' appears more than once", "check", "--proof", proof, "--receipt", $"{{{field},{field}}}");
        await FailsAsync("--receipt is not a receipt: field 'receipt' appears more than once", "check", "--proof", proof, "--receipt", $"{{\"receipt\":{{{field}}},\"receipt\":{{{field}}}}}");
    }

    [Theory]
    [InlineData("valori.max-batch-bytes = 0", "valori.max-batch-bytes is \"0\"; it must be a whole number of at least 1")]
    [InlineData("valori.max-batch-byte = 5", "valori.max-batch-byte is not a setting: did you mean valori.max-batch-bytes?")]
    [InlineData("valori.journal.circuit-breaker.call-timeout = soon", "valori.journal.circuit-breaker.call-timeout is \"soon\"; it must be a time, such as 10s, 200ms or 5m")]
    [InlineData("Valori.max-batch-bytes = 5", "Valori is not a setting: did you mean valori?")]
    [InlineData("valri { max-batch-bytes = 5 }", "valri is not a setting: did you mean valori?")]
    [InlineData("max-batch-bytes = 5", "max-batch-bytes is not a setting: did you mean valori.max-batch-bytes?")]
    [InlineData("valori { a = 1 } , akka.x = 1", "the configuration FILE cannot be used: Unknown token at position 17: valori")]
    [InlineData("valori.max-batch-bytes = ${nope}", "the configuration FILE cannot be used: Unresolved substitution: nope")]
    public async Task A_configuration_that_is_wrong_is_one_line_with_the_setting(string hocon, string message)
    {
        string file = _directory.File("wrong.conf");
        await File.WriteAllTextAsync(file, hocon);
        await FailsAsync(message.Replace("FILE", file, StringComparison.Ordinal), "serve", "--data", _directory.File("data"), "--urls", "http://127.0.0.1:0", "--config", file);
        Assert.False(Directory.Exists(_directory.File("data")));
    }

    private static async Task FailsAsync(string message, params string[] arguments)
    {
        Finished finished = await ValoriProcess.RunAsync(arguments);
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        Assert.StartsWith($"valori: {message}", finished.Error);
        Assert.True(finished.Error.TrimEnd('\n').Split('\n').Length == 1, finished.Error);
    }
}
