using Microsoft.Extensions.VectorData;
using Valori.VectorData.Tests.Support;

namespace Valori.VectorData.Tests;

/// <summary>Records are written, read and deleted by their keys.</summary>
public sealed class RecordTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public async Task A_record_is_read_as_it_was_written()
    {
        ValoriCollection<string, Note<string>> notes = await fixture.NewAsync<string, Note<string>>("one");
        Note<string> note = new() { Key = "a", Text = "tea", Number = 7, Tags = ["x", "y"], Vector = new float[] { 1, 2.5f, -3 } };
        await notes.UpsertAsync(note);

        Note<string> read = (await notes.GetAsync("a", new() { IncludeVectors = true }))!;
        Assert.Equal(("a", "tea", 7), (read.Key, read.Text, read.Number));
        Assert.Equal(["x", "y"], read.Tags!);
        Assert.Equal([1, 2.5f, -3], read.Vector.ToArray());
        Assert.Equal(0, (await notes.GetAsync("a"))!.Vector.Length);
        Assert.Null(await notes.GetAsync("b"));

        await notes.UpsertAsync(new Note<string> { Key = "a", Vector = new float[] { 1, 2, 3 } });
        read = (await notes.GetAsync("a"))!;
        Assert.Equal((null, 0, null), (read.Text, read.Number, read.Tags));

        await notes.DeleteAsync("a");
        await notes.DeleteAsync("a");
        Assert.Null(await notes.GetAsync("a"));
    }

    /// <summary>Components are rounded to the nearest 2^-16, and with a cosine they are those of the vector of length 1.</summary>
    [Fact]
    public async Task A_vector_is_read_as_the_collection_holds_it()
    {
        ValoriCollection<string, Note<string>> notes = await fixture.NewAsync<string, Note<string>>("precision");
        float[] vector = [0.1f, -0.7f, 123.456f];
        await notes.UpsertAsync(new Note<string> { Key = "a", Vector = vector });
        float[] read = (await notes.GetAsync("a", new() { IncludeVectors = true }))!.Vector.ToArray();
        Assert.Equal(vector.Select(component => (float)(Math.Round((double)component * 65_536, MidpointRounding.ToEven) / 65_536)), read);

        var cosine = fixture.Store.GetDynamicCollection("precision-cosine", new()
        {
            Properties = [new VectorStoreKeyProperty("Key", typeof(string)), new VectorStoreVectorProperty("Vector", typeof(float[]), 2) { DistanceFunction = DistanceFunction.CosineSimilarity }],
        });
        await cosine.EnsureCollectionExistsAsync();
        await cosine.UpsertAsync(new Dictionary<string, object?> { ["Key"] = "a", ["Vector"] = new float[] { 3, 4 } });
        read = (float[])(await cosine.GetAsync("a", new() { IncludeVectors = true }))!["Vector"]!;
        Assert.Equal(0.6, read[0], 1.0 / 65_536);
        Assert.Equal(0.8, read[1], 1.0 / 65_536);
    }

    [Fact]
    public async Task A_batch_is_one_event()
    {
        ValoriCollection<int, Note<int>> notes = await fixture.NewAsync<int, Note<int>>("batch");
        await notes.UpsertAsync([Note<int>.Of(1, 1), Note<int>.Of(2, 2)]);
        ValoriEngine engine = await notes.GetEngineAsync();
        long before = (await engine.StatusAsync()).SequenceNr;
        await notes.UpsertAsync([Note<int>.Of(2, 20), Note<int>.Of(3, 30), Note<int>.Of(3, 31)]);
        Assert.Equal(before + 1, (await engine.StatusAsync()).SequenceNr);
        Assert.Equal((int[])[1, 20, 31], await NumbersAsync(notes, [1, 2, 3]));

        await notes.UpsertAsync([]);
        Assert.Equal(before + 1, (await engine.StatusAsync()).SequenceNr);
        await notes.DeleteAsync([1, 3, 4]);
        Assert.Equal(before + 2, (await engine.StatusAsync()).SequenceNr);
        await notes.DeleteAsync([]);
        Assert.Equal((int[])[20], await NumbersAsync(notes, [1, 2, 3]));
    }

    [Fact]
    public async Task A_batch_with_a_value_that_cannot_be_stored_changes_nothing_and_names_it()
    {
        ValoriCollection<Guid, Generated> records = await fixture.NewAsync<Guid, Generated>("atomic");
        ValoriEngine engine = await records.GetEngineAsync();
        long before = (await engine.StatusAsync()).SequenceNr;
        Generated good = new() { Vector = [1, 2, 3] };
        await AssertRefusedAsync<ArgumentException>(new() { Vector = [1, 2, 3], Number = double.NaN }, "records[1]: property 'Number': it is NaN");
        await AssertRefusedAsync<ArgumentException>(new() { Vector = [1, 2, 3], Tags = ["a", null!] }, "records[1]: property 'Tags': element 1 is null");
        await AssertRefusedAsync<ArgumentException>(new() { Vector = [1, 2, 3], Text = "\ud800" }, "records[1]: property 'Text': the string has half of a surrogate pair");
        await AssertRefusedAsync<ArgumentException>(new() { Vector = null }, "records[1]: the vector property 'Vector' is null");
        await AssertRefusedAsync<ArgumentException>(new() { Vector = [1, 2, 3], Text = new string('x', 70_000) }, "records[1]: ");
        await AssertRefusedAsync<ArgumentException>(null!, "records[1]: it is null");
        await AssertRefusedAsync<VectorStoreException>(new() { Vector = [1, 2] }, "expected 3 components, got 2");
        Assert.Equal(before, (await engine.StatusAsync()).SequenceNr);

        async Task AssertRefusedAsync<T>(Generated bad, string message)
            where T : Exception
        {
            T e = await Assert.ThrowsAsync<T>(() => records.UpsertAsync([good, bad]));
            Assert.Contains(message, e.Message);
            if (e is ArgumentException) Assert.Equal(Guid.Empty, good.Key);
        }
    }

    [Fact]
    public async Task A_key_is_generated_if_there_is_none()
    {
        ValoriCollection<Guid, Generated> records = await fixture.NewAsync<Guid, Generated>("generated");
        Generated[] some = [new() { Vector = [1, 0, 0] }, new() { Vector = [2, 0, 0] }, new() { Key = new Guid("80000000-0000-4000-8000-00000000000a"), Vector = [3, 0, 0] }];
        await records.UpsertAsync(some);
        Assert.Equal(3, some.Select(record => record.Key).Distinct().Count());
        Assert.DoesNotContain(Guid.Empty, some.Select(record => record.Key));
        Assert.Equal(some.Select(record => record.Key), await records.GetAsync(some.Select(record => record.Key)).Select(record => record.Key).ToListAsync());

        var dynamic = await fixture.NewDynamicAsync("generated-dynamic", Definitions.Of(typeof(Guid)));
        Dictionary<string, object?> record = new() { ["Vector"] = new float[] { 1, 2, 3 } };
        await dynamic.UpsertAsync(record);
        Assert.NotNull(await dynamic.GetAsync((Guid)record["Key"]!));
    }

    [Fact]
    public async Task An_object_that_occurs_twice_in_a_batch_is_one_record()
    {
        ValoriCollection<Guid, Generated> records = await fixture.NewAsync<Guid, Generated>("twice");
        Generated one = new() { Vector = [1, 0, 0] }, equal = new() { Vector = [1, 0, 0] };
        await records.UpsertAsync([one, equal, one]);
        Assert.NotEqual(one.Key, equal.Key);
        Assert.Equal(2UL, await (await records.GetEngineAsync()).RecordCountAsync());
        Assert.NotNull(await records.GetAsync(one.Key));
    }

    [Fact]
    public async Task A_generated_key_stays_if_the_write_fails()
    {
        ValoriCollection<Guid, Generated> records = await fixture.NewAsync<Guid, Generated>("repeated");
        Generated record = new() { Vector = [1, 2] };
        await Assert.ThrowsAsync<VectorStoreException>(() => records.UpsertAsync(record));
        Guid key = record.Key;
        Assert.NotEqual(Guid.Empty, key);
        record.Vector = [1, 2, 3];
        await records.UpsertAsync(record);
        Assert.Equal(key, record.Key);
        Assert.NotNull(await records.GetAsync(key));
    }

    [Fact]
    public async Task Every_type_of_key_names_its_record()
    {
        await CheckAsync(8, -8, 0);
        await CheckAsync(8L, long.MinValue, 0L);
        await CheckAsync(8UL, ulong.MaxValue, 0UL);
        await CheckAsync("a", "ünï \U0001F600 '\"\n", new string('x', 256));
        await CheckAsync(new Guid("80000000-0000-4000-8000-00000000000a"), Guid.Empty, Guid.AllBitsSet);

        async Task CheckAsync<TKey>(params TKey[] keys)
            where TKey : notnull
        {
            var collection = await fixture.NewDynamicAsync($"keys-{typeof(TKey).Name.ToLowerInvariant()}", new()
            {
                Properties = [new VectorStoreKeyProperty("Key", typeof(TKey)) { IsAutoGenerated = false }, new VectorStoreDataProperty("Number", typeof(int)), new VectorStoreVectorProperty("Vector", typeof(float[]), 1)
                    { DistanceFunction = DistanceFunction.EuclideanDistance }],
            });
            await collection.UpsertAsync(keys.Select((key, i) => new Dictionary<string, object?> { ["Key"] = key, ["Number"] = i, ["Vector"] = new float[] { i } }));
            for (int i = 0; i < keys.Length; i++)
            {
                Dictionary<string, object?> record = (await collection.GetAsync(keys[i]))!;
                Assert.Equal(keys[i], record["Key"]);
                Assert.Equal(i, record["Number"]);
            }
            await collection.DeleteAsync(keys.Cast<object>());
            Assert.Empty(await collection.GetAsync(keys.Cast<object>()).ToListAsync());
        }
    }

    [Fact]
    public async Task What_cannot_be_a_key_is_refused()
    {
        ValoriCollection<string, Note<string>> notes = await fixture.NewAsync<string, Note<string>>("no-keys");
        Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(() => notes.GetAsync((string)null!))).ParamName);
        Assert.Equal("keys", (await Assert.ThrowsAsync<ArgumentNullException>(async () => await notes.GetAsync((IEnumerable<string>)null!).ToListAsync())).ParamName);
        Assert.Equal("key", (await Assert.ThrowsAsync<ArgumentNullException>(() => notes.DeleteAsync((string)null!))).ParamName);
        Assert.Equal("keys", (await Assert.ThrowsAsync<ArgumentNullException>(() => notes.DeleteAsync((IEnumerable<string>)null!))).ParamName);
        Assert.Equal("keys", (await Assert.ThrowsAsync<ArgumentNullException>(() => notes.DeleteAsync(new string[] { null! }))).ParamName);
        Assert.Equal("records", (await Assert.ThrowsAsync<ArgumentNullException>(() => notes.UpsertAsync((IEnumerable<Note<string>>)null!))).ParamName);
        Assert.Equal("record", (await Assert.ThrowsAsync<ArgumentNullException>(() => notes.UpsertAsync((Note<string>)null!))).ParamName);
        Assert.Contains("the key is empty", (await Assert.ThrowsAsync<ArgumentException>(() => notes.UpsertAsync(Note<string>.Of("")))).Message);
        Assert.Contains("the key is 257 bytes", (await Assert.ThrowsAsync<ArgumentException>(() => notes.UpsertAsync(Note<string>.Of(new string('x', 257))))).Message);
        Assert.Contains("'Key' is null", (await Assert.ThrowsAsync<ArgumentException>(() => notes.UpsertAsync(Note<string>.Of(null!)))).Message);

        var dynamic = await fixture.NewDynamicAsync("no-keys-dynamic", Definitions.Of(typeof(int)));
        Assert.Contains("the key is a String", (await Assert.ThrowsAsync<ArgumentException>(() => dynamic.GetAsync("8"))).Message);
    }

    [Fact]
    public async Task Records_by_many_keys_come_in_the_order_of_the_keys_and_without_those_that_do_not_exist()
    {
        ValoriCollection<int, Note<int>> notes = await fixture.NewAsync<int, Note<int>>("many-keys");
        await notes.UpsertAsync(Enumerable.Range(0, 2_500).Select(i => Note<int>.Of(i, i % 100)));
        int[] keys = [.. Enumerable.Range(0, 2_600).Reverse()];
        Assert.Equal(keys.Where(key => key < 2_500), await notes.GetAsync(keys).Select(note => note.Key).ToListAsync());
        await notes.DeleteAsync(Enumerable.Range(100, 2_400));
        Assert.Equal(100, await notes.GetAsync(r => true, 1_000).CountAsync());
    }

    [Fact]
    public async Task Every_type_of_data_is_read_as_it_was_written()
    {
        ValoriCollection<long, ManyTypes> records = await fixture.NewAsync<long, ManyTypes>("types");
        DateTime time = new DateTime(2026, 1, 2, 3, 4, 5).AddTicks(7);
        ManyTypes full = new()
        {
            Key = -5,
            Bool = true,
            NullableBool = false,
            SByte = sbyte.MinValue,
            Byte = 255,
            Short = short.MinValue,
            UShort = ushort.MaxValue,
            Int = int.MinValue,
            NullableInt = 0,
            UInt = uint.MaxValue,
            Long = long.MinValue,
            ULong = ulong.MaxValue,
            NullableULong = 0,
            Float = float.Epsilon,
            Double = double.MaxValue,
            NullableDouble = -0.1,
            Decimal = -79228162514264337593543950335m,
            NullableDecimal = 1.23m,
            String = "a\"ünï\0\U0001F600",
            Guid = new("80000000-0000-4000-8000-00000000000a"),
            DateTime = DateTime.SpecifyKind(time, DateTimeKind.Utc),
            DateTimeOffset = new(time, TimeSpan.FromMinutes(-90)),
            NullableTime = DateTimeOffset.MinValue,
            DateOnly = DateOnly.MaxValue,
            TimeOnly = TimeOnly.MaxValue,
            Bytes = [0, 255],
            Strings = ["", "b"],
            StringList = [],
            Ints = [int.MaxValue],
            Doubles = [0.5, -0.5],
            Times = [DateTime.SpecifyKind(time, DateTimeKind.Local), time],
            Guids = [Guid.Empty],
        };
        ManyTypes empty = new() { Key = 6 };
        await records.UpsertAsync([full, empty]);
        foreach (ManyTypes written in new[] { full, empty })
        {
            ManyTypes read = (await records.GetAsync(written.Key, new() { IncludeVectors = true }))!;
            foreach (var property in typeof(ManyTypes).GetProperties()) Assert.True(Same(property.GetValue(written), property.GetValue(read)), $"{property.Name} of {written.Key}");
        }
        ManyTypes again = (await records.GetAsync(-5))!;
        Assert.Equal((DateTimeKind.Utc, DateTimeKind.Local, TimeSpan.Zero), (again.DateTime.Kind, again.Times![0].Kind, again.DateTimeOffset.Offset));

        // The same as dictionaries: what is null is there and null, and what is not asked for is not there.
        var dynamic = fixture.Store.GetDynamicCollection("types", Definitions.OfManyTypes());
        Dictionary<string, object?> all = (await dynamic.GetAsync(6L))!;
        Assert.Equal(typeof(ManyTypes).GetProperties().Select(property => property.Name).Where(name => name != "Vector").Order(), all.Keys.Order());
        Assert.Null(all["String"]);
        Assert.True((await dynamic.GetAsync(-5L, new() { IncludeVectors = true }))!.ContainsKey("Vector"));
        Dictionary<string, object?> wrong = new() { ["Key"] = 7L, ["Int"] = 8L, ["Vector"] = new float[] { 1 } };
        Assert.Contains("'Int'", (await Assert.ThrowsAsync<InvalidCastException>(() => dynamic.UpsertAsync(wrong))).Message);

        static bool Same(object? left, object? right) => left is System.Collections.IEnumerable a and not string && right is System.Collections.IEnumerable b ? a.Cast<object>().SequenceEqual(b.Cast<object>()) : Equals(left, right);
    }

    [Fact]
    public async Task Records_may_have_no_data_and_no_vector()
    {
        var bare = await fixture.NewDynamicAsync("no-data", Definitions.Of(typeof(string)));
        await bare.UpsertAsync(new Dictionary<string, object?> { ["Key"] = "a", ["Vector"] = new float[] { 1, 2, 3 } });
        Assert.Equal(["Key"], (await bare.GetAsync("a"))!.Keys);

        VectorStoreCollectionDefinition definition = new() { Properties = [new VectorStoreKeyProperty("Key", typeof(string)), new VectorStoreDataProperty("Text", typeof(string))] };
        var texts = await fixture.NewDynamicAsync("no-vector", definition);
        await texts.UpsertAsync([new() { ["Key"] = "a", ["Text"] = "tea" }, new() { ["Key"] = "b", ["Text"] = "milk" }]);
        Assert.Equal("tea", (await texts.GetAsync("a", new() { IncludeVectors = true }))!["Text"]);
        Assert.Equal("b", (await texts.GetAsync(r => (string)r["Text"]! == "milk", 10).SingleAsync())["Key"]);
        Assert.Contains("vector", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await texts.SearchAsync(new float[] { 0 }, 1).ToListAsync())).Message);
    }

    private static async Task<int[]> NumbersAsync(ValoriCollection<int, Note<int>> notes, int[] keys) => [.. await notes.GetAsync(keys).Select(note => note.Number).ToListAsync()];

    private sealed class Generated
    {
        [VectorStoreKey] public Guid Key { get; set; }
        [VectorStoreData] public double Number { get; set; }
        [VectorStoreData] public string? Text { get; set; }
        [VectorStoreData] public string[]? Tags { get; set; }
        [VectorStoreVector(3, DistanceFunction = DistanceFunction.EuclideanDistance)] public float[]? Vector { get; set; }
    }
}
