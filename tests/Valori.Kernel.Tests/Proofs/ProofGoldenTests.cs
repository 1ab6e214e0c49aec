using System.Text;

namespace Valori.Kernel.Tests.Proofs;

/// <summary>
/// Proofs as literals, made once without any code of Valori, with b3sum. If one of these has to change, compatibility is broken: no
/// proof that was ever given away can be verified any more.
/// </summary>
public sealed class ProofGoldenTests
{
    /// <summary>Record 0 of three records beside one node: raw 16384 -8192, tag 7, metadata "hi".</summary>
    private const string Inclusion =
        "56414c4f52494950" + "01000000" + "01" + "02000000" + "0300000000000000" + "0100000000000000" + "0000000000000000"
        + "8d1e0f304bd2905bd2ac97895401660190a89311aa8ea8d3c71c8759ee8558c3"
        + "0000000000000000000000000000000000000000000000000000000000000000"
        + "24000000" + "0100000000000000000700000000000000020000000040000000e0ffff01020000006869"
        + "02"
        + "a812d51f5a7f592848d67f0be0e434a58b310527f60238a508a7f484be3b1101"
        + "9a50489be31d185874b85af116cd21ce2752d1b9ce97972bbaa7510d29eecdc1";

    private const string InclusionJson = """
        {"format":"valori-inclusion-proof","version":1,"kind":"record","dimension":2,"records":{"count":3},
         "nodes":{"count":1,"root":"8d1e0f304bd2905bd2ac97895401660190a89311aa8ea8d3c71c8759ee8558c3"},
         "edges":{"count":0,"root":"0000000000000000000000000000000000000000000000000000000000000000"},
         "leaf":"AQAAAAAAAAAABwAAAAAAAAACAAAAAEAAAADg//8BAgAAAGhp",
         "path":["a812d51f5a7f592848d67f0be0e434a58b310527f60238a508a7f484be3b1101",
                 "9a50489be31d185874b85af116cd21ce2752d1b9ce97972bbaa7510d29eecdc1"]}
        """;

    /// <summary>From the second to the third event of a history that starts as the example of docs/formats.md, section 16.</summary>
    private const string History =
        "56414c4f52494850" + "01000000" + "0200000000000000" + "0300000000000000"
        + "0aa091156cb0764225062229dd71608f62fc3dfe3cc075455595da176674c3f5"
        + "ea87dfaa5f7a37b5bf7a5c1a92ec675f9b96022656160326a888bf87609b55a1"
        + "02"
        + "0aa091156cb0764225062229dd71608f62fc3dfe3cc075455595da176674c3f5"
        + "a75ed07f23c08b046cc7cb80be018408873910d56741bb3d2a23833a1b92a286"
        + "01"
        + "e25941200f126dcb2f24e31fa0e00e7f6d9a46b92563798fceff8ef4fb27d126"
        + "01"
        + "a75ed07f23c08b046cc7cb80be018408873910d56741bb3d2a23833a1b92a286";

    private const string HistoryJson = """
        {"format":"valori-history-proof","version":1,"from":2,"to":3,
         "previous_chain_from":"0aa091156cb0764225062229dd71608f62fc3dfe3cc075455595da176674c3f5",
         "previous_chain_to":"ea87dfaa5f7a37b5bf7a5c1a92ec675f9b96022656160326a888bf87609b55a1",
         "inclusion_from":["0aa091156cb0764225062229dd71608f62fc3dfe3cc075455595da176674c3f5",
                           "a75ed07f23c08b046cc7cb80be018408873910d56741bb3d2a23833a1b92a286"],
         "inclusion_to":["e25941200f126dcb2f24e31fa0e00e7f6d9a46b92563798fceff8ef4fb27d126"],
         "consistency":["a75ed07f23c08b046cc7cb80be018408873910d56741bb3d2a23833a1b92a286"]}
        """;

    private static readonly Digest StateHash = Parse("16334a232748d3c6d6ee1447e834d21fb2ad0a0dc3afacc084805012fb7af71b");

    private static readonly HistoryPlace Second = new(
        2,
        1_795_478_400_000_000,
        Parse("928c404e184967e23faaa99bc9d2c943945dbe02b8e9f6678e5e233937974805"),
        Parse("ea87dfaa5f7a37b5bf7a5c1a92ec675f9b96022656160326a888bf87609b55a1"),
        Parse("e25941200f126dcb2f24e31fa0e00e7f6d9a46b92563798fceff8ef4fb27d126"));

    private static readonly HistoryPlace Third = new(
        3,
        1_795_478_400_000_001,
        Parse("64e8ea41d7bdd9f64b86acef1db979e7524d84c4d8dfa0a59d3cf25a76a8c9c3"),
        Parse("a75ed07f23c08b046cc7cb80be018408873910d56741bb3d2a23833a1b92a286"),
        Parse("bd84bbe116220d68eb641d7253ba94cc74cd5db2be47f44be6eab014828ac05a"));

    [Fact]
    public void An_inclusion_proof_is_written_as_these_literals()
    {
        InclusionProof proof = new(
            ContentKind.Record, new EngineSchema(2), new TreeHead(3, Digest.Zero),
            new TreeHead(1, Parse("8d1e0f304bd2905bd2ac97895401660190a89311aa8ea8d3c71c8759ee8558c3")), new TreeHead(0, Digest.Zero),
            Convert.FromHexString("0100000000000000000700000000000000020000000040000000e0ffff01020000006869"),
            [
                Parse("a812d51f5a7f592848d67f0be0e434a58b310527f60238a508a7f484be3b1101"),
                Parse("9a50489be31d185874b85af116cd21ce2752d1b9ce97972bbaa7510d29eecdc1"),
            ]);
        Assert.Equal((Inclusion, OnOneLine(InclusionJson)), (Convert.ToHexStringLower(proof.ToBytes()), proof.ToJson()));
    }

    [Fact]
    public void A_history_proof_is_written_as_these_literals()
    {
        HistoryProof proof = new(
            2, 3,
            Parse("0aa091156cb0764225062229dd71608f62fc3dfe3cc075455595da176674c3f5"),
            Parse("ea87dfaa5f7a37b5bf7a5c1a92ec675f9b96022656160326a888bf87609b55a1"),
            [
                Parse("0aa091156cb0764225062229dd71608f62fc3dfe3cc075455595da176674c3f5"),
                Parse("a75ed07f23c08b046cc7cb80be018408873910d56741bb3d2a23833a1b92a286"),
            ],
            [Parse("e25941200f126dcb2f24e31fa0e00e7f6d9a46b92563798fceff8ef4fb27d126")],
            [Parse("a75ed07f23c08b046cc7cb80be018408873910d56741bb3d2a23833a1b92a286")]);
        Assert.Equal((History, OnOneLine(HistoryJson)), (Convert.ToHexStringLower(proof.ToBytes()), proof.ToJson()));
    }

    [Fact]
    public void An_inclusion_proof_that_was_given_away_still_proves_its_record()
    {
        foreach (byte[] form in new[] { Convert.FromHexString(Inclusion), Encoding.UTF8.GetBytes(InclusionJson) })
        {
            ProvenContent content = ProofVerifier.VerifyInclusion(form, StateHash).Value!;
            Assert.Equal("record 0 tag 7 raw 16384 -8192 metadata 6869", NaiveState.Describe(content));
        }
    }

    [Fact]
    public void A_history_proof_that_was_given_away_still_holds()
    {
        foreach (byte[] form in new[] { Convert.FromHexString(History), Encoding.UTF8.GetBytes(HistoryJson) })
            Assert.Null(ProofVerifier.VerifyHistory(form, Second, Third));
    }

    /// <summary>JSON whose strings have no spaces, without any.</summary>
    private static string OnOneLine(string json) => string.Concat(json.Where(c => !char.IsWhiteSpace(c)));

    private static Digest Parse(string hex) =>
        Digest.TryParse(hex, out Digest digest) ? digest : throw new ArgumentException(hex, nameof(hex));
}
