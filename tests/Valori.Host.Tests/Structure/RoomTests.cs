using System.Reflection;

namespace Valori.Host.Tests.Structure;

/// <summary>
/// The folders of a project are its rooms (docs/architecture.md): what lies in one may use another, and never the other way round,
/// directly or through others. So a room can be read, tested and moved by itself.
/// </summary>
public sealed class RoomTests
{
    // Lowest first: each may use those before it.
    private static readonly string[] Projects = ["Valori.Kernel", "Valori.Actors", "Valori.PostgreSql", "Valori.VectorData", "Valori.Host"];

    public static TheoryData<string> EachProject => [.. Projects];

    [Theory]
    [MemberData(nameof(EachProject))]
    public void No_arrow_between_rooms_points_back(string project)
    {
        SourceProject sources = SourceProject.Read(project);
        AssertNone(sources.Unbound.Select(name => $"cannot be bound, and would hide what it uses: {name}"));
        string circle = Circle(sources.Uses);
        Assert.True(circle.Length == 0, circle);
    }

    /// <summary>The document lists all rooms, from the bottom up.</summary>
    [Theory]
    [MemberData(nameof(EachProject))]
    public void A_room_uses_only_those_that_docs_architecture_lists_before_it(string project)
    {
        string document = File.ReadAllText(Path.Combine(SourceProject.Root, "docs", "architecture.md"));
        string table = document[document.IndexOf($"`src/{project}`:", StringComparison.Ordinal)..].Split("\n\n")[1];
        string[] listed = [.. table.Split('\n').Select(row => row.Split('|')).Where(cells => cells.Length > 1).SelectMany(cells => cells[1].Split('`')).Where(name => name.EndsWith('/')).Select(name => name[..^1])];
        string[] there = [.. Directory.EnumerateDirectories(Path.Combine(SourceProject.Root, "src", project)).Select(path => Path.GetFileName(path)).Where(name => name is not ("bin" or "obj"))];
        Assert.Equal(there.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
        AssertNone(SourceProject.Read(project).Uses
            .Where(use => use.From.Length > 0 && use.To.Length > 0 && Array.IndexOf(listed, use.To) > Array.IndexOf(listed, use.From))
            .Select(use => use.ToString()));
    }

    [Theory]
    [MemberData(nameof(EachProject))]
    public void No_room_uses_the_project_s_own_folder(string project) =>
        AssertNone(SourceProject.Read(project).Uses.Where(use => use.To.Length == 0).Select(use => use.ToString()));

    /// <summary>Users write <c>using Valori;</c>, and actors that send messages also <c>using Valori.Protocol;</c>, wherever the types lie.</summary>
    [Theory]
    [MemberData(nameof(EachProject))]
    public void A_file_s_namespace_is_its_folder_s_or_one_of_those_for_users(string project)
    {
        List<string> wrong = [];
        foreach ((string file, string found, bool isPublic) in SourceProject.Read(project).Namespaces())
        {
            string folder = $"{project}.{file.Replace('/', '.')}";
            bool isFolders = folder.StartsWith(found + ".", StringComparison.Ordinal) && file.Count(c => c == '/') == found.Count(c => c == '.') - project.Count(c => c == '.');
            bool isForUsers = isPublic && found == "Valori" || found == "Valori.Protocol" && SourceProject.RoomOf(file) is "Commands" or "Protocol";
            if (!isFolders && !isForUsers) wrong.Add($"{file} has the namespace {found}");
        }
        AssertNone(wrong);
    }

    [Fact]
    public void No_arrow_between_projects_points_back()
    {
        string[] found = [.. Directory.EnumerateDirectories(Path.Combine(SourceProject.Root, "src")).Select(directory => Path.GetFileName(directory)).Order(StringComparer.Ordinal)];
        Assert.Equal(Projects.Order(StringComparer.Ordinal), found);
        for (int i = 0; i < Projects.Length; i++)
        {
            Assembly assembly = Assembly.Load(Projects[i] == "Valori.Host" ? "valori" : Projects[i]);
            IEnumerable<string> used = assembly.GetReferencedAssemblies().Select(name => name.Name == "valori" ? "Valori.Host" : name.Name!);
            Assert.Equal([], used.Intersect(Projects[i..]));
        }
    }

    [Fact]
    public void The_kernel_knows_nothing_of_actors_files_and_hosts()
    {
        string[] allowed = ["Blake3", "Superpower", "System.Numerics.Tensors"];
        IEnumerable<string> used = Assembly.Load("Valori.Kernel").GetReferencedAssemblies().Select(name => name.Name!);
        Assert.Equal([], used.Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && !allowed.Contains(name)));
    }

    [Fact]
    public void A_circle_is_named_with_the_types_that_make_it()
    {
        SourceProject sources = SourceProject.Of(new Dictionary<string, string>
        {
            ["Low/Size.cs"] = "namespace P.Low; static class Size { public const int Bytes = P.High.Top.Count * 4; }",
            ["Middle/Row.cs"] = "namespace P.Middle; record Row(int Value) { public int Bytes => P.Low.Size.Bytes; }",
            ["High/Top.cs"] = "namespace P.High; static class Top { public const int Count = 3; public static P.Middle.Row First => new(1); }",
        });
        Assert.Equal([], sources.Unbound);
        Assert.Equal(
            "High -> Middle -> Low -> High\nHigh/Top.cs:1 uses Row of Middle\nMiddle/Row.cs:1 uses Size of Low\nLow/Size.cs:1 uses Top of High",
            Circle(sources.Uses));
    }

    [Fact]
    public void A_name_that_cannot_be_bound_is_reported()
    {
        SourceProject sources = SourceProject.Of(new Dictionary<string, string> { ["High/B.cs"] = "namespace High; class B {\nint Sum(Low.A a) => a.Twice(); }" });
        Assert.Equal(["High/B.cs:2: A", "High/B.cs:2: Low", "High/B.cs:2: Twice"], sources.Unbound);
    }

    [Theory]
    [InlineData("class B : Low.A;")]
    [InlineData("class B { Low.A? _field; }")]
    [InlineData("class B { object Make() => new Low.A(); }")]
    [InlineData("class B { int Count() => Low.A.Count; }")]
    [InlineData("class B { string Name() => nameof(Low.A); }")]
    [InlineData("class B { void Take(System.Collections.Generic.List<Low.A[]> all) { } }")]
    [InlineData("class B { bool Is(object o) => o is Low.A; }")]
    [InlineData("class B { int Sum() { var a = Middle.Maker.Make(); return a.Value; } }")]
    [InlineData("class B { int Sum(int n) => n.Twice(); }")]
    public void Every_way_to_use_a_type_is_seen(string user)
    {
        SourceProject sources = SourceProject.Of(new Dictionary<string, string>
        {
            ["Low/A.cs"] = "namespace Low; class A { public const int Count = 1; public int Value => 2; } static class Extensions { public static int Twice(this int n) => 2 * n; }",
            ["Middle/Maker.cs"] = "namespace Middle; static class Maker { public static Low.A Make() => new(); }",
            ["High/B.cs"] = "using Low; namespace High; " + user,
        });
        Assert.Equal([], sources.Unbound);
        Assert.Contains(sources.Uses, use => use is { From: "High", To: "Low" });
    }

    /// <summary>Line 10 comes after line 9, and an upper-case letter before a lower-case one.</summary>
    [Fact]
    public void The_first_line_that_uses_a_type_is_reported()
    {
        SourceProject sources = SourceProject.Of(new Dictionary<string, string>
        {
            ["Low/A.cs"] = "namespace Low; class A;",
            ["High/b.cs"] = "namespace High; class C : Low.A;",
            ["High/B.cs"] = $"namespace High; class B {{{new string('\n', 8)}Low.A? _first;\nLow.A? _second; }}",
        });
        Assert.Equal(["High/B.cs:9 uses A of Low"], sources.Uses.Select(use => use.ToString()));
    }

    /// <summary>Shows all of them: an assertion on lists cuts each short.</summary>
    private static void AssertNone(IEnumerable<string> wrong) => Assert.True(!wrong.Any(), string.Join('\n', wrong));

    /// <summary>The shortest way from a room back to itself, with a type for each step; empty if there is none.</summary>
    private static string Circle(IReadOnlyList<RoomUse> uses)
    {
        ILookup<string, RoomUse> byRoom = uses.ToLookup(use => use.From);
        RoomUse[]? shortest = null;
        foreach (string room in byRoom.Select(room => room.Key).Order(StringComparer.Ordinal))
        {
            if (WayBack(byRoom, room) is { } way && (shortest is null || way.Length < shortest.Length)) shortest = way;
        }
        return shortest is null ? "" : $"{string.Join(" -> ", shortest.Select(use => use.From))} -> {shortest[0].From}\n{string.Join('\n', (IEnumerable<RoomUse>)shortest)}";
    }

    private static RoomUse[]? WayBack(ILookup<string, RoomUse> byRoom, string room)
    {
        Dictionary<string, RoomUse[]> ways = [];
        Queue<(string Room, RoomUse[] Way)> next = new([(room, [])]);
        while (next.TryDequeue(out (string Room, RoomUse[] Way) at))
        {
            foreach (RoomUse use in byRoom[at.Room])
            {
                RoomUse[] way = [.. at.Way, use];
                if (use.To == room) return way;
                if (ways.TryAdd(use.To, way)) next.Enqueue((use.To, way));
            }
        }
        return null;
    }
}
