using System.Globalization;
using System.Text.RegularExpressions;
using Valori.Host.Tests.Support;
using Valori.Host.Tests.VectorFiles;

namespace Valori.Host.Tests.Processes;

/// <summary><c>valori import</c> as a process: formats, damage, interruption.</summary>
[Trait("Category", "Slow")]
public sealed class ImportTests(ITestOutputHelper output) : IDisposable
{
    private const int Seed = 20261125;
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_same_vectors_give_the_same_state_hash_from_every_format_and_batch_size()
    {
        TestVectors vectors = Vectors(500, 8);
        string fvecs = await ImportAsync("a", vectors.WriteFvecs(_directory.File("v.fvecs")));
        Assert.Equal(fvecs, await ImportAsync("b", vectors.WriteNpy(_directory.File("v.npy")), "--batch", "7"));
        Assert.Equal(fvecs, await ImportAsync("c", vectors.WriteJsonLines(_directory.File("v.jsonl")), "--batch", "100000"));
        Assert.NotEqual(fvecs, await ImportAsync("d", vectors.WriteJsonLines(_directory.File("tagged.jsonl"), i => (ulong)i)));
    }

    [Fact]
    public async Task The_limit_of_a_batch_is_that_of_the_configuration_before_anything_is_created()
    {
        string path = Vectors(100, 8).WriteFvecs(_directory.File("v.fvecs")), config = _directory.File("small.conf");
        await File.WriteAllTextAsync(config, "valori.max-batch-bytes = 400");
        Finished refused = await RunAsync("a", path, "--config", config, "--batch", "100");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("the limit is 400 (valori.max-batch-bytes): choose a smaller --batch", refused.Error);
        Assert.False(Directory.Exists(_directory.File("a")));
        Finished byDefault = await RunAsync("a", path, "--config", config);
        Assert.Contains("imported 100 vectors of 8 components", byDefault.Output);
    }

    [Fact]
    public async Task A_damaged_file_is_refused_with_the_place_and_the_rows_before_it_are_durable()
    {
        TestVectors vectors = Vectors(30, 4);
        string path = vectors.WriteJsonLines(_directory.File("v.jsonl"));
        string[] lines = await File.ReadAllLinesAsync(path);
        await File.WriteAllLinesAsync(path, [.. lines[..25], "{\"vector\":[1,2,3]}", .. lines[25..]]);
        Finished finished = await RunAsync("a", path, "--batch", "10");
        Assert.Equal((1, $"created collection 'default' for vectors of 4 components in {_directory.File("a")}\n"), (finished.ExitCode, finished.Output));
        Assert.Contains("the import stopped. The first 20 rows of the file are in the collection and durable (20 of them new). Correct the cause, then continue with --resume", finished.Error);
        Assert.Contains($"{path}: line 26 has 3 components, the first vector has 4", finished.Error);

        await File.WriteAllLinesAsync(path, lines);
        Finished resumed = await RunAsync("a", path, "--resume");
        Assert.Contains("resuming after 20 rows that are in the collection already", resumed.Error);
        Assert.Contains("imported 10 vectors of 4 components", resumed.Output);
        Assert.Equal(await ImportAsync("b", path), StateHash(resumed));
    }

    [Fact]
    public async Task A_value_that_the_engine_refuses_stops_the_import_with_its_place()
    {
        TestVectors vectors = Vectors(12, 4);
        vectors.Rows[11][2] = 40000;
        string path = vectors.WriteFvecs(_directory.File("v.fvecs"));
        Finished finished = await RunAsync("a", path, "--batch", "10");
        Assert.Equal(1, finished.ExitCode);
        Assert.Contains("The first 10 rows of the file are in the collection and durable (10 of them new)", finished.Error);
        Assert.EndsWith($"\nvalori: {path}: row 11: component 2 is 40000, outside Q16.16: it must be at least -32768 and less than 32768\n", finished.Error);
    }

    [Fact]
    public async Task A_refused_value_in_json_lines_is_named_by_its_line_whatever_the_batch_and_blank_lines()
    {
        string path = _directory.File("v.jsonl");
        await File.WriteAllTextAsync(path, "[1,1]\n\n[2,2]\n[3,3]\n\n{\"vector\":[0,40000]}\n");
        Finished finished = await RunAsync("a", path, "--batch", "1");
        Assert.Contains("The first 3 rows of the file are in the collection", finished.Error);
        Assert.EndsWith($"\nvalori: {path}: line 6: component 1 is 40000, outside Q16.16: it must be at least -32768 and less than 32768\n", finished.Error);
    }

    [Fact]
    public async Task A_bad_row_after_the_first_batch_is_named_by_its_row_in_the_file()
    {
        string path = FieldCaseTests.PathOf("nan1234.npy");
        Finished finished = await RunAsync("a", path);
        Assert.Equal((1, $"created collection 'default' for vectors of 4 components in {_directory.File("a")}\n"), (finished.ExitCode, finished.Output));
        Assert.EndsWith($"\nvalori: {path}: row 1234: component 2 is NaN, which is not finite\n", finished.Error);
        Assert.Contains("The first 1,000 rows of the file are in the collection and durable", finished.Error);
    }

    [Theory]
    [InlineData("be_f4.npy")]
    [InlineData("dup.jsonl")]
    [InlineData("line3nan.jsonl")]
    [InlineData("tiny_base.npy")]
    [InlineData("ok.bvecs")]
    public async Task A_file_that_is_refused_in_its_first_batch_leaves_no_directory(string name)
    {
        Finished finished = await RunAsync("a", FieldCaseTests.PathOf(name));
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        Assert.StartsWith($"valori: {FieldCaseTests.PathOf(name)}: ", finished.Error);
        Assert.Single(finished.Error.TrimEnd('\n').Split('\n'));
        Assert.False(Directory.Exists(_directory.File("a")));
    }

    [Fact]
    public async Task Vectors_that_lose_precision_are_counted_with_what_to_do()
    {
        // Half a raw unit of 100.5 is lost at the worst: 0.5%. The others lose nothing, or too little to count.
        const float unit = 1 / 65536f;
        string path = new TestVectors(2, [[100.5f * unit, 0], [100 * unit, 0], [0, 0], [0.3f, 0.3f], [0, 1.25f * unit]]).WriteFvecs(_directory.File("v.fvecs"));
        Finished finished = await RunAsync("a", path, "--batch", "2");
        Assert.Equal(0, finished.ExitCode);
        Assert.Equal(
            $"valori: warning: {path}: 2 of 5 vectors lost more than 0.1% of their length to rounding, up to 20.0%; distances and recall suffer. "
            + "Multiply all vectors and all queries by the same factor before the import, so that their norms are near 1\n", finished.Error);
    }

    [Fact]
    public async Task Small_vectors_are_imported_with_the_scale_that_the_warning_suggests_and_lose_nothing_then()
    {
        TestVectors vectors = Vectors(300, 8);
        foreach (float[] row in vectors.Rows)
        {
            for (int i = 0; i < row.Length; i++) row[i] *= 1e-4f;
        }
        string path = vectors.WriteFvecs(_directory.File("v.fvecs"));
        Finished warned = await RunAsync("a", path);
        Assert.Equal(0, warned.ExitCode);
        string scale = Regex.Match(warned.Error, "^valori: warning: .* 300 of 300 vectors lost more than 0.1% of their length to rounding, .* Import them into a new collection with --scale ([0-9]+), so that they keep their precision\n$").Groups[1].Value;
        double largest = vectors.Rows.Max(row => Math.Sqrt(row.Sum(x => (double)x * x)));
        Assert.InRange(largest * double.Parse(scale, CultureInfo.InvariantCulture), 0.5, 1.0);

        Finished scaled = await RunAsync("b", path, "--scale", scale, "--metric", "dot");
        Assert.Equal((0, ""), (scaled.ExitCode, scaled.Error));
        Assert.Equal($"created collection 'default' for vectors of 8 components, metric dot, scale {scale} in {_directory.File("b")}", scaled.Lines[0]);
        // The first rows are compared with what the scale made of them.
        Finished again = await RunAsync("b", path, "--resume");
        Assert.Equal((0, "resuming after 300 rows that are in the collection already\n"), (again.ExitCode, again.Error));
        Assert.Equal(scaled.Lines[^1], again.Lines[^1]);
        Finished other = await RunAsync("b", path, "--scale", "1");
        Assert.Equal((1, "", $"valori: {path}: collection 'default' has scale {scale}, not 1\n"), (other.ExitCode, other.Output, other.Error));
        Finished info = await ValoriVerb.RunAsync("info", "--data", _directory.File("b"));
        Assert.Contains($"dimension        8\nmetric           dot\nscale            {scale}\n", info.Output);
        Finished verified = await ValoriVerb.RunAsync("verify", "--data", _directory.File("b"), "--json");
        Assert.Contains($"\"dimension\":8,\"metric\":\"dot\",\"scale\":{scale},", verified.Output);

        // Recall by the metric of the collection, whatever its scale.
        string truth = WriteTruth(vectors, _directory.File("t.ivecs"));
        Finished found = await ValoriVerb.RunAsync("search", "--data", _directory.File("b"), "--queries", path, "--k", "5", "--truth", truth);
        Assert.Equal("recall@5 1.000000 (1,500 of 1,500)", found.Lines[0]);
    }

    [Fact]
    public async Task Only_the_direction_of_vectors_counts_in_a_collection_with_cosine()
    {
        TestVectors vectors = Vectors(200, 8), small = Vectors(200, 8);
        foreach (float[] row in small.Rows)
        {
            for (int i = 0; i < row.Length; i++) row[i] /= 1 << 20;
        }
        string hash = await ImportAsync("a", vectors.WriteFvecs(_directory.File("v.fvecs")), "--metric", "cosine");
        Finished finished = await RunAsync("b", small.WriteFvecs(_directory.File("s.fvecs")), "--metric", "cosine");
        Assert.Equal((0, ""), (finished.ExitCode, finished.Error));
        Assert.Equal(hash, finished.Lines[^1]);
        small.Rows[7] = new float[8];
        Finished zero = await RunAsync("c", small.WriteFvecs(_directory.File("z.fvecs")), "--metric", "cosine");
        Assert.Equal((1, ""), (zero.ExitCode, zero.Output));
        Assert.Contains("row 7: all components are zero", zero.Error);
        Assert.False(Directory.Exists(_directory.File("c")));
    }

    /// <summary>The five largest inner products of each row with all rows, in float64.</summary>
    private static string WriteTruth(TestVectors vectors, string path)
    {
        using BinaryWriter writer = new(File.Create(path));
        foreach (float[] query in vectors.Rows)
        {
            int[] nearest = [.. Enumerable.Range(0, vectors.Rows.Length).OrderByDescending(id => vectors.Rows[id].Zip(query, (a, b) => (double)a * b).Sum()).Take(5)];
            writer.Write(nearest.Length);
            foreach (int id in nearest) writer.Write(id);
        }
        return path;
    }

    [Theory]
    [InlineData("bad value")]
    [InlineData("damaged")]
    [InlineData("large batch")]
    [InlineData("bad name")]
    public async Task An_import_that_is_refused_from_its_first_rows_on_leaves_neither_directory_nor_collection(string what)
    {
        TestVectors vectors = Vectors(300, 4);
        if (what == "bad value") vectors.Rows[3][2] = 40000;
        string path = vectors.WriteJsonLines(_directory.File("v.jsonl"));
        if (what == "damaged") await File.AppendAllTextAsync(path, "{\"vector\":[1,2,3]}\n");
        if (what == "large batch") path = TestVectors.Random(Seed, 300, 65_536).WriteFvecs(_directory.File("large.fvecs"));
        Finished finished = await RunAsync("a", path, what switch
        {
            "large batch" => ["--batch", "300"],
            "bad name" => ["--collection", "Bad Name"],
            _ => [],
        });
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        Assert.False(Directory.Exists(_directory.File("a")), finished.ToString());

        // Beside what is there, it leaves nothing either.
        await ImportAsync("b", Vectors(3, 4).WriteFvecs(_directory.File("good.fvecs")));
        Assert.Equal(1, (await RunAsync("b", path, ["--collection", what == "bad name" ? "Bad Name" : "other", .. what == "large batch" ? new[] { "--batch", "300" } : []])).ExitCode);
        Finished info = await ValoriVerb.RunAsync("info", "--data", _directory.File("b"));
        Assert.Equal(0, info.ExitCode);
        Assert.DoesNotContain("other", info.Output);
    }

    [Theory]
    [InlineData("search", "--queries", "q.fvecs")]
    [InlineData("exec", "--collection", "Bad Name")]
    [InlineData("serve", "--config", "missing.conf")]
    public async Task A_verb_with_a_wrong_option_leaves_no_directory(string verb, string option, string value)
    {
        Vectors(3, 4).WriteFvecs(_directory.File("q.fvecs"));
        Finished finished = await ValoriVerb.RunAsync(verb, "--data", _directory.File("none"), option, value.EndsWith(".fvecs", StringComparison.Ordinal) ? _directory.File(value) : value);
        Assert.True(finished.ExitCode != 0, finished.ToString());
        Assert.False(Directory.Exists(_directory.File("none")), finished.ToString());
    }

    [Fact]
    public async Task A_collection_that_it_creates_is_named_and_one_that_is_there_is_not()
    {
        string path = Vectors(3, 4).WriteFvecs(_directory.File("four.fvecs"));
        string created = $"created collection 'other' for vectors of 4 components in {_directory.File("a")}";
        await ImportAsync("a", path);
        Assert.Equal(created, (await RunAsync("a", path, "--collection", "other")).Lines[0]);
        Finished again = await RunAsync("a", path, "--collection", "other");
        Assert.Equal((0, 2), (again.ExitCode, again.Lines.Length));
        Assert.DoesNotContain("created", again.Output);
    }

    [Fact]
    public async Task A_file_of_another_dimension_is_refused()
    {
        await ImportAsync("a", Vectors(3, 4).WriteFvecs(_directory.File("four.fvecs")));
        string five = Vectors(3, 5).WriteFvecs(_directory.File("five.fvecs"));
        Finished finished = await RunAsync("a", five);
        Assert.Equal((1, ""), (finished.ExitCode, finished.Output));
        Assert.Equal($"valori: {five}: collection 'default' has dimension 4, not 5\n", finished.Error);
    }

    [Fact]
    public async Task An_import_killed_in_its_middle_and_resumed_leaves_what_an_uninterrupted_one_leaves()
    {
        TestVectors vectors = Vectors(2000, 8);
        string path = vectors.WriteFvecs(_directory.File("v.fvecs"));
        string expected = await ImportAsync("whole", path);
        for (int round = 0; round < 2; round++)
        {
            // The journal grows while batches of one row are written: the kill falls into the middle of the import.
            await using ValoriProcess import = ValoriProcess.Start("import", "--data", _directory.File("killed"), "--batch", "1", "--resume", path);
            await WaitForGrowthAsync(_directory.File("killed/journal.db-wal"), import);
            import.Kill();
            Assert.NotEqual(0, (await import.EndAsync()).ExitCode);
        }
        Finished resumed = await RunAsync("killed", path, "--resume");
        output.WriteLine(resumed.ToString());
        Assert.Equal(0, resumed.ExitCode);
        Assert.DoesNotContain("resuming after 0 rows", resumed.Error);
        Assert.DoesNotContain("imported 0 vectors", resumed.Output);
        Assert.Equal(expected, StateHash(resumed));
    }

    [SkippableFact]
    public async Task Ctrl_C_stops_an_import_between_batches_and_says_how_to_go_on()
    {
        // So many that the signal comes in time, however busy the machine is.
        TestVectors vectors = Vectors(30_000, 8);
        string path = vectors.WriteFvecs(_directory.File("v.fvecs"));
        await using ValoriProcess import = ValoriProcess.Start("import", "--data", _directory.File("a"), "--batch", "1", path);
        await WaitForGrowthAsync(_directory.File("a/journal.db-wal"), import);
        import.Interrupt();
        Finished interrupted = await import.EndAsync();
        Assert.Equal((1, $"created collection 'default' for vectors of 8 components in {_directory.File("a")}\n"), (interrupted.ExitCode, interrupted.Output));
        Assert.Matches("^valori: the import stopped. The first [1-9][0-9,]* rows of the file are in the collection and durable .*. Continue with --resume\nvalori: interrupted\n$", interrupted.Error);
        Finished resumed = await RunAsync("a", path, "--resume");
        Assert.Equal(await ImportAsync("whole", path), StateHash(resumed));
    }

    [Fact]
    public async Task Resume_goes_on_after_records_that_were_there_before_the_import()
    {
        TestVectors vectors = Vectors(40, 4);
        string whole = vectors.WriteFvecs(_directory.File("whole.fvecs")), part = vectors.Take(15).WriteFvecs(_directory.File("part.fvecs"));
        string other = TestVectors.Random(Seed + 1, 5, 4).WriteFvecs(_directory.File("other.fvecs"));
        await ImportAsync("a", other);
        await ImportAsync("a", part);
        Finished resumed = await RunAsync("a", whole, "--resume");
        Assert.Contains("resuming after 15 rows", resumed.Error);
        await ImportAsync("b", other);
        Assert.Equal(await ImportAsync("b", whole), StateHash(resumed));
    }

    private TestVectors Vectors(int count, int dimension)
    {
        output.WriteLine($"seed {Seed}");
        return TestVectors.Random(Seed, count, dimension);
    }

    private Task<Finished> RunAsync(string data, string file, params string[] more) =>
        ValoriVerb.RunAsync(["import", "--data", _directory.File(data), file, .. more]);

    private async Task<string> ImportAsync(string data, string file, params string[] more)
    {
        Finished finished = await RunAsync(data, file, more);
        Assert.True(finished.ExitCode == 0, finished.ToString());
        return StateHash(finished);
    }

    private static string StateHash(Finished finished)
    {
        Assert.True(finished.ExitCode == 0, finished.ToString());
        string line = finished.Lines[^1];
        Assert.Matches("^state hash [0-9a-f]{64}$", line);
        return line;
    }

    private static async Task WaitForGrowthAsync(string path, ValoriProcess process)
    {
        const int grownBytes = 400_000;
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        long start = File.Exists(path) ? new FileInfo(path).Length : 0;
        while (!File.Exists(path) || new FileInfo(path).Length < Math.Min(start, grownBytes) + grownBytes)
        {
            Assert.Equal("", process.Error.Contains("valori:", StringComparison.Ordinal) ? process.Error : "");
            await Task.Delay(5, limit.Token);
        }
    }
}
