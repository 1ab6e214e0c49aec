using Valori.Host.Tests.Support;
using Valori.Protocol;

namespace Valori.Host.Tests.Processes;

/// <summary>
/// The directory of a killed process, with its write-ahead log torn as a power cut may tear it: cut off at any place, or with a
/// part of the last transaction that was never written. What opens is the state after the last transaction that is whole, and
/// one can go on from there. Damage in what was acknowledged is refused.
/// </summary>
[Trait("Category", "Slow")]
public sealed class TornTailTests(ITestOutputHelper output) : IDisposable
{
    private const int Dimension = 8, Seed = 20261127, GoOnEvery = 8;

    private readonly TemporaryDirectory _directory = new();
    private readonly MixedCommands _commands = new(Seed, Dimension, owner: 1);
    private readonly Ledger _ledger = new(Dimension, () => $"seed {Seed}");

    // The state hash after each transaction, and the receipt of its command; the first one created the engine.
    private readonly List<string> _hashes = [];
    private readonly List<ReceiptText?> _receipts = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_log_torn_at_any_place_opens_as_the_state_behind_its_last_whole_transaction()
    {
        await RunAsync(kill: false, process => CarryOutAsync(process, 8));
        await RunAsync(kill: true, process => CarryOutAsync(process, 5));
        await AssertEveryTearOpensAsync(tears: 8);
    }

    [Fact]
    public async Task A_torn_log_that_had_begun_anew_opens_with_everything_that_was_folded_back_before()
    {
        await RunAsync(kill: true, async process =>
        {
            await CarryOutAsync(process, 2);
            string log = Path.Combine(Original, "journal.db-wal");
            ulong salts = WalFile.SaltsOf(log);
            byte[] large = new byte[60_000];
            for (int i = 0; WalFile.SaltsOf(log) == salts; i++)
            {
                Assert.True(i < 1000, "the log does not begin anew");
                large[0] = (byte)i;
                await SendAsync(process, new SetMetadata(new RecordId(0), large.ToArray()));
            }
            await CarryOutAsync(process, 2);
        });
        WalFile log = WalFile.Read(Path.Combine(Original, "journal.db-wal"));
        Assert.InRange(log.Transactions, 2, _hashes.Count - 20);
        Assert.True(log.Frames[^1].End < log.Bytes.Length, "there is nothing old behind the new frames");
        await AssertEveryTearOpensAsync(tears: 3);
    }

    private string Original => _directory.File("original");

    /// <summary>Cuts at every border of a frame, and at so many random places; damages so many random places.</summary>
    private async Task AssertEveryTearOpensAsync(int tears)
    {
        Random random = new(Seed);
        WalFile log = WalFile.Read(Path.Combine(Original, "journal.db-wal"));
        int end = log.Frames[^1].End, opened = 0;
        List<(string What, int Offset, byte[] Bytes)> torn =
        [
            .. log.Frames.Select(frame => frame.End).Prepend(WalFile.HeaderBytes).Prepend(0).Select(offset => Cut(log, offset)),
            .. Enumerable.Range(0, tears).Select(_ => Cut(log, random.Next(end))),
            .. log.Frames.Where(frame => frame.End > log.StartOfLastTransaction).Select(frame => Unwritten(log, frame)),
        ];
        foreach ((string what, int offset, byte[] bytes) in torn)
        {
            int expected = _hashes.Count - 1 - log.Transactions + (offset < WalFile.HeaderBytes ? 0 : log.TransactionsBefore(offset));
            await AssertOpensAsync(bytes, expected, goOn: opened++ % GoOnEvery == 0, $"seed {Seed}, {what} of {end}");
        }
        List<(string What, int Offset, byte[] Bytes)> damaged =
        [
            .. Enumerable.Range(0, tears).Select(_ => Flip(log, random.Next(end), random.Next(8))),
            // Not the frame that ends the transaction before: without its mark, the two look like one that was torn.
            .. log.Frames.Where(frame => frame.End < log.StartOfLastTransaction).Select(frame => Unwritten(log, frame)),
            Flip(log, 20, 0), // a salt in the header: no frame belongs to it any more
            Flip(log, log.Frames[^1].Start + 4, 0), // the mark at the end of the last transaction
            Flip(log, log.Frames[^1].End - 1, 7),
        ];
        foreach ((string what, _, byte[] bytes) in damaged) await AssertRefusedAsync(bytes, $"seed {Seed}, {what} of {end}");
        output.WriteLine($"seed {Seed}: {log.Frames.Count} frames of {log.Transactions} transactions, opened {opened} times, refused {damaged.Count} times");
    }

    private async Task AssertOpensAsync(byte[] log, int expected, bool goOn, string place)
    {
        string copy = await CopyAsync(log);
        EngineStatus found = await StatusAsync(copy, place);
        string hash = found.StateHash.ToString();
        Assert.True(_hashes[expected] == hash, $"{place}: expected the state behind transaction {expected}, found that behind {_hashes.IndexOf(hash)}");
        if (_receipts[expected] is { } receipt) Assert.True(receipt.Place.ToPlace() == found.Place, $"{place}: expected {receipt}, found {found.Place}");
        if (goOn)
        {
            EngineStatus gone = await StatusAsync(copy, place, engine => engine.InsertAsync(new float[Dimension], tag: 5));
            Assert.NotEqual(hash, gone.StateHash.ToString());
            Assert.Equal(gone, await StatusAsync(copy, place));
        }
        Directory.Delete(copy, recursive: true);
    }

    private async Task AssertRefusedAsync(byte[] log, string place)
    {
        string copy = await CopyAsync(log), path = Path.Combine(copy, "journal.db-wal");
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StatusAsync(copy, place));
        Assert.Contains($"{path} at ", refused.Message);
        Assert.Equal(log, await File.ReadAllBytesAsync(path));
        Directory.Delete(copy, recursive: true);
    }

    private async Task<string> CopyAsync(byte[] log)
    {
        string copy = _directory.File("copy");
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(Original)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        await File.WriteAllBytesAsync(Path.Combine(copy, "journal.db-wal"), log);
        return copy;
    }

    private static async Task<EngineStatus> StatusAsync(string path, string place, Func<ValoriEngine, Task>? beforeAsync = null)
    {
        try
        {
            await using ValoriEngine engine = await ValoriEngine.OpenAsync(path);
            if (beforeAsync is not null) await beforeAsync(engine);
            return await engine.StatusAsync();
        }
        catch (Exception e) when (e is EngineException or IOException)
        {
            throw new InvalidOperationException($"{place}: does not open: {e.Message}", e);
        }
    }

    private static (string What, int Offset, byte[] Bytes) Cut(WalFile log, int offset) => ($"cut at {offset}", offset, log.Bytes[..offset]);

    /// <summary>A frame of which two sectors never came to the disk.</summary>
    private static (string What, int Offset, byte[] Bytes) Unwritten(WalFile log, WalFile.Frame frame)
    {
        byte[] bytes = [.. log.Bytes];
        bytes.AsSpan(frame.Start, 1024).Fill(0x5A);
        return ($"two sectors not written at {frame.Start}", frame.Start, bytes);
    }

    private static (string What, int Offset, byte[] Bytes) Flip(WalFile log, int offset, int bit)
    {
        byte[] bytes = [.. log.Bytes];
        bytes[offset] ^= (byte)(1 << bit);
        return ($"bit {bit} flipped at {offset}", offset, bytes);
    }

    private async Task RunAsync(bool kill, Func<ValoriProcess, Task> workAsync)
    {
        await using ValoriProcess process = ValoriProcess.Start("exec", "--data", Original, "--dimension", $"{Dimension}");
        if (_hashes.Count == 0)
        {
            _hashes.Add(_ledger.StateHash);
            _receipts.Add(null);
        }
        await workAsync(process);
        if (kill) process.Kill();
        else process.EndInput();
        await process.EndAsync();
    }

    /// <summary>So many commands that change something; each is a transaction of its own, because its answer is awaited.</summary>
    private async Task CarryOutAsync(ValoriProcess process, int count)
    {
        await SendAsync(process, _commands.Insert(2));
        for (int end = _hashes.Count + count - 1; _hashes.Count < end;)
        {
            if (_commands.Next() is var command && command != MixedCommands.Save) await SendAsync(process, command);
        }
    }

    private async Task SendAsync(ValoriProcess process, Command command)
    {
        int before = _ledger.CarriedOut;
        string? expected = _ledger.Add(command);
        string answer = await process.AnswerAsync(CommandText.Line(command));
        if (_ledger.CarriedOut > before)
        {
            (answer, ReceiptText receipt) = Receipts.Split(answer);
            Assert.Equal(_ledger.StateHash, receipt.Place.StateHash);
            _hashes.Add(_ledger.StateHash);
            _receipts.Add(receipt);
        }
        Assert.Equal(expected, answer);
        _commands.KnowAllOf(_ledger.Model);
    }
}
