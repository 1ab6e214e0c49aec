namespace Valori.Kernel.Tests.Proofs;

public sealed class VerifyHistoryTests
{
    private static readonly NaiveHistory History = NaiveHistory.OfLength(300);

    [Fact]
    public void Every_place_of_300_is_proven_to_extend_every_one_before_it()
    {
        for (int to = 1; to <= 300; to++)
        {
            for (int from = 1; from <= to; from++)
            {
                byte[] proof = History.Prove(from, to).ToBytes();
                Assert.Null(ProofVerifier.VerifyHistory(proof, History.Place(from), History.Place(to)));
                if (from != to) Refused(proof, History.Place(to), History.Place(from), "expected a proof from sequence number");
            }
        }
    }

    [Fact]
    public void The_JSON_form_proves_the_same()
    {
        for (int to = 1; to <= 64; to++)
        {
            for (int from = 1; from <= to; from++)
                Assert.Null(ProofVerifier.VerifyHistory(History.Prove(from, to).ToJsonBytes(), History.Place(from), History.Place(to)));
        }
    }

    [Fact]
    public void A_proof_holds_for_no_two_other_places()
    {
        for (int to = 1; to <= 12; to++)
        {
            for (int from = 1; from <= to; from++)
            {
                byte[] proof = History.Prove(from, to).ToBytes();
                for (int earlier = 1; earlier <= 13; earlier++)
                {
                    for (int later = 1; later <= 13; later++)
                    {
                        Refusal? refusal = ProofVerifier.VerifyHistory(proof, History.Place(earlier), History.Place(later));
                        Assert.Equal((earlier, later) == (from, to), refusal is null);
                    }
                }
            }
        }
    }

    [Fact]
    public void Relabelled_proofs_do_not_hold()
    {
        for (int to = 2; to <= 24; to++)
        {
            for (int from = 1; from <= to; from++)
            {
                for (int other = 1; other <= to; other++)
                {
                    if (other == from) continue;
                    NaiveHistoryProof relabelled = History.Prove(other, to) with { From = from };
                    Refused(relabelled.ToBytes(), History.Place(from), History.Place(to), "expected");
                    NaiveHistoryProof mixed = History.Prove(from, to) with { Consistency = History.Prove(other, to).Consistency };
                    Refused(mixed.ToBytes(), History.Place(from), History.Place(to), "expected");
                }
            }
        }
    }

    [Theory]
    [InlineData(4, 9, 6)]
    [InlineData(1, 2, 2)]
    [InlineData(8, 16, 16)]
    public void A_rewritten_event_is_noticed_by_who_has_seen_it_and_by_nobody_else(int seen, int length, int rewritten)
    {
        NaiveHistory told = new(Enumerable.Range(1, length).Select(NaiveHistory.Event));
        NaiveHistory forged = new(Enumerable.Range(1, length).Select(number =>
            (NaiveHistory.Event(number).UnixMicroseconds, NaiveHistory.Event(number == rewritten ? 77 : number).StateHash)));
        Assert.Null(ProofVerifier.VerifyHistory(forged.Prove(seen, length).ToBytes(), told.Place(seen), forged.Place(length)));
        for (int from = rewritten; from < length; from++)
            Refused(forged.Prove(from, length).ToBytes(), told.Place(from), forged.Place(length), "expected");
        Refused(told.Prove(seen, length).ToBytes(), told.Place(seen), forged.Place(length), "expected");
    }

    [Fact]
    public void A_history_root_over_other_leaves_is_noticed_although_the_chain_is_right()
    {
        // The later place's root is over a history in which event 2 is another one.
        NaiveHistory forged = new(Enumerable.Range(1, 7).Select(number => NaiveHistory.Event(number == 2 ? 1 : number)));
        HistoryPlace later = History.Place(7) with { HistoryRoot = forged.Place(7).HistoryRoot };
        byte[] proof = History.Prove(5, 7).ToBytes();
        Refused(proof, History.Place(5), later, $"expected the later place's history root {later.HistoryRoot}, found");
        HistoryPlace earlier = History.Place(5) with { HistoryRoot = forged.Place(5).HistoryRoot };
        Refused(proof, earlier, History.Place(7), $"expected the earlier place's history root {earlier.HistoryRoot}, found");
    }

    [Theory]
    [InlineData(1, long.MaxValue)]
    [InlineData(2, long.MaxValue)]
    [InlineData(3, long.MaxValue)]
    [InlineData(1L << 62, long.MaxValue)]
    [InlineData((1L << 62) + 1, long.MaxValue)]
    [InlineData((1L << 62) - 1, long.MaxValue)]
    [InlineData(long.MaxValue - 1, long.MaxValue)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(1L << 62, 1L << 62)]
    [InlineData(1L << 61, 1L << 62)]
    [InlineData(5_000_000_000, (1L << 62) + 1)]
    public void A_history_of_any_length_that_63_bits_hold_has_proofs(long from, long to)
    {
        Digest some = NaiveHistory.Link(default, 5, 5, default), previousFrom = from == 1 ? default : some;
        Digest fromChain = NaiveHistory.Link(previousFrom, from, long.MinValue, some);
        Digest previousTo = to == from + 1 ? fromChain : to == from ? previousFrom : some;
        Digest toChain = from == to ? fromChain : NaiveHistory.Link(previousTo, to, long.MaxValue, default);
        Dictionary<ulong, Digest> leaves = new() { [(ulong)from - 1] = fromChain, [(ulong)to - 1] = toChain };
        NaiveTree tree = NaiveTree.Sparse(some, leaves);
        HistoryPlace earlier = new(from, long.MinValue, some, fromChain, tree.Root((ulong)from));
        HistoryPlace later = from == to ? earlier : new(to, long.MaxValue, default, toChain, tree.Root((ulong)to));
        NaiveHistoryProof proof = new(
            from,
            to,
            previousFrom,
            previousTo,
            tree.Path((ulong)from - 1, (ulong)to),
            tree.Path((ulong)to - 1, (ulong)to),
            tree.Consistency((ulong)from, (ulong)to));
        Assert.Null(ProofVerifier.VerifyHistory(proof.ToBytes(), earlier, later));
        Assert.Null(ProofVerifier.VerifyHistory(proof.ToJsonBytes(), earlier, later));
        Refused(
            (proof with { Consistency = [.. proof.Consistency, some] }).ToBytes(),
            earlier,
            later,
            $"expected {proof.Consistency.Count} digests in the consistency proof (the first {from} of {to} leaves), found");
    }

    [Fact]
    public void The_kernels_own_chain_and_tree_give_the_places_that_a_proof_is_about()
    {
        Digest chain = HistoryChain.Start;
        MerkleTree tree = new();
        for (int number = 1; number <= 100; number++)
        {
            (long time, Digest stateHash) = NaiveHistory.Event(number);
            chain = HistoryChain.Extend(chain, number, time, stateHash);
            tree.Append([chain]);
            Assert.Equal(new HistoryPlace(number, time, stateHash, chain, tree.Root), History.Place(number));
        }
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(-1, 3)]
    [InlineData(3, 2)]
    [InlineData(0, 0)]
    [InlineData(long.MinValue, long.MinValue)]
    [InlineData(long.MaxValue, long.MinValue)]
    public void Numbers_out_of_order_are_refused(long from, long to)
    {
        NaiveHistoryProof proof = History.Prove(2, 3) with { From = from, To = to };
        HistoryPlace earlier = History.Place(2) with { SequenceNr = from }, later = History.Place(3) with { SequenceNr = to };
        Refused(proof.ToBytes(), earlier, later, $"expected sequence numbers 1 <= from <= to, found from {from} and to {to}");
        Refused(proof.ToJsonBytes(), earlier, later, "expected");
    }

    [Fact]
    public void A_history_that_does_not_start_with_zeros_is_refused()
    {
        NaiveHistory history = new(Enumerable.Range(1, 4).Select(NaiveHistory.Event), start: NaiveTree.Combine(default, default));
        byte[] proof = history.Prove(1, 4).ToBytes();
        Refused(proof, history.Place(1), history.Place(4), $"expected the chain value {Digest.Zero} before the first event");
        Assert.Null(ProofVerifier.VerifyHistory(history.Prove(2, 4).ToBytes(), history.Place(2), history.Place(4)));
    }

    [Fact]
    public void The_event_behind_the_earlier_place_is_chained_to_it()
    {
        // Event 4 hangs on another third event than the tree holds.
        HistoryPlace earlier = History.Place(3);
        (long time, Digest stateHash) = NaiveHistory.Event(4);
        Digest other = NaiveTree.Combine(default, default), chain = NaiveHistory.Link(other, 4, time, stateHash);
        NaiveTree tree = NaiveTree.Over([History.Place(1).Chain, History.Place(2).Chain, History.Place(3).Chain, chain]);
        HistoryPlace later = new(4, time, stateHash, chain, tree.Root(4));
        NaiveHistoryProof proof = new(3, 4, History.Place(2).Chain, other, tree.Path(2, 4), tree.Path(3, 4), tree.Consistency(3, 4));
        string message = $"expected the earlier place's chain value {earlier.Chain} before the later, found {other}";
        Refused(proof.ToBytes(), earlier, later, message);
    }

    [Fact]
    public void A_time_that_goes_back_is_refused()
    {
        NaiveHistory history = new([(1_000, default), (999, default), (1_000, default)]);
        byte[] proof = history.Prove(1, 2).ToBytes();
        Refused(proof, history.Place(1), history.Place(2), "expected the later place's time not before 1000, found 999");
        Assert.Null(ProofVerifier.VerifyHistory(history.Prove(1, 3).ToBytes(), history.Place(1), history.Place(3)));
    }

    private static void Refused(byte[] proof, HistoryPlace earlier, HistoryPlace later, string message)
    {
        Refusal? refusal = ProofVerifier.VerifyHistory(proof, earlier, later);
        Assert.NotNull(refusal);
        Assert.Equal(RefusalKind.InvalidProof, refusal.Kind);
        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }
}
