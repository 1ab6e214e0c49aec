using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Valori.Host.Tests.Structure;

/// <summary>The sources of a project, bound by the compiler: which room uses what of which other one.</summary>
/// <remarks>
/// Metadata would not do: constants leave no trace in it, and a type does not say in which file it was. What source generators add is not among
/// the sources. A type of its own that a generator adds is found in the compiled projects, whose internals this project may see: the sources are
/// bound under this project's name. A member that a generator adds to a partial type is not found: the type of the sources hides the compiled one.
/// If code of a room uses such a member by its name, it is listed as unbound, and the generator's files must be bound too.
/// </remarks>
internal sealed class SourceProject
{
    // Words of the language that look like names to the parser.
    private static readonly HashSet<string> Words = ["nameof", "notnull", "unmanaged"];

    private const string GlobalUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    private const string WebUsings = """
        global using Microsoft.AspNetCore.Builder; global using Microsoft.AspNetCore.Hosting; global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing; global using Microsoft.Extensions.Configuration; global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting; global using Microsoft.Extensions.Logging; global using System.Net.Http.Json;
        """;

    private static readonly string OwnName = typeof(SourceProject).Assembly.GetName().Name!;

    private static readonly Lazy<MetadataReference[]> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileNameWithoutExtension(path) != OwnName)
            .Select(path => MetadataReference.CreateFromFile(path))]);

    private static readonly ConcurrentDictionary<string, SourceProject> Known = new();

    private readonly CSharpCompilation _compilation;
    private readonly Lazy<(IReadOnlyList<RoomUse> Uses, IReadOnlyList<string> Unbound)> _found;

    private SourceProject(CSharpCompilation compilation)
    {
        _compilation = compilation;
        _found = new(Find);
    }

    /// <summary>Everything that a file of one room uses of a file of another: once for each room and type.</summary>
    public IReadOnlyList<RoomUse> Uses => _found.Value.Uses;

    /// <summary>The names that could not be bound, and so would hide uses.</summary>
    public IReadOnlyList<string> Unbound => _found.Value.Unbound;

    /// <summary>The directory of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>All assemblies of this process, Valori's own included.</summary>
    public static IReadOnlyList<MetadataReference> Platform => References.Value;

    /// <summary>A project below <c>src</c>.</summary>
    public static SourceProject Read(string name) => Known.GetOrAdd(name, ReadAnew);

    private static SourceProject ReadAnew(string name)
    {
        string directory = Path.Combine(Root, "src", name);
        Dictionary<string, string> files = [];
        foreach (string path in Directory.EnumerateFiles(directory, "*.cs", SearchOption.AllDirectories))
        {
            string file = Path.GetRelativePath(directory, path).Replace(Path.DirectorySeparatorChar, '/');
            if (RoomOf(file) is not ("bin" or "obj")) files.Add(file, File.ReadAllText(path));
        }
        bool isWeb = File.ReadAllText(Path.Combine(directory, name + ".csproj")).Contains("Microsoft.NET.Sdk.Web", StringComparison.Ordinal);
        return Of(files, isWeb);
    }

    /// <param name="files">Texts by their paths in the project, with slashes.</param>
    public static SourceProject Of(IReadOnlyDictionary<string, string> files, bool isWeb = false)
    {
        CSharpParseOptions options = new(LanguageVersion.Preview);
        IEnumerable<SyntaxTree> trees = files
            .Append(KeyValuePair.Create("", isWeb ? GlobalUsings + WebUsings : GlobalUsings))
            .Select(file => CSharpSyntaxTree.ParseText(file.Value, options, file.Key));
        return new SourceProject(CSharpCompilation.Create(
            OwnName, trees, References.Value,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable)));
    }

    /// <summary>The first folder of a path; empty for a file of the project's own folder.</summary>
    public static string RoomOf(string file) => file.IndexOf('/', StringComparison.Ordinal) is >= 0 and var end ? file[..end] : "";

    /// <summary>Binds every name once: diagnostics of the whole compilation would bind all of them a second time.</summary>
    private (IReadOnlyList<RoomUse>, IReadOnlyList<string>) Find()
    {
        // In the order of the lines, whatever the machine's language is and whichever file was bound first.
        Found[] found = [.. _compilation.SyntaxTrees.AsParallel().SelectMany(FindIn).AsSequential()
            .OrderBy(use => use.File, StringComparer.Ordinal).ThenBy(use => use.Line).ThenBy(use => use.Name, StringComparer.Ordinal)];
        IEnumerable<RoomUse> uses = found.Where(use => use.To is not null).GroupBy(use => (use.From, use.To, use.Name))
            .Select(group => new RoomUse(group.Key.From, group.Key.To!, group.First().Place, group.Key.Name))
            .OrderBy(use => use.From, StringComparer.Ordinal).ThenBy(use => use.To, StringComparer.Ordinal);
        return ([.. uses], [.. found.Where(use => use.To is null).Select(use => $"{use.Place}: {use.Name}")]);
    }

    private IEnumerable<Found> FindIn(SyntaxTree tree)
    {
        SemanticModel model = _compilation.GetSemanticModel(tree);
        foreach (SyntaxNode node in tree.GetRoot().DescendantNodes(node => node is not UsingDirectiveSyntax))
        {
            if (node is not (SimpleNameSyntax or ConstructorInitializerSyntax or BaseObjectCreationExpressionSyntax or ElementAccessExpressionSyntax or BinaryExpressionSyntax))
                continue;
            SymbolInfo info = model.GetSymbolInfo(node);
            IEnumerable<ISymbol> symbols = info.Symbol is null ? info.CandidateSymbols : [info.Symbol];
            int line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            if (node is SimpleNameSyntax name && !symbols.Any() && !Words.Contains(name.Identifier.ValueText)) yield return new Found(tree.FilePath, line, null, name.ToString());
            foreach ((string file, string type) in symbols.SelectMany(PlacesOf))
            {
                Found found = new(tree.FilePath, line, RoomOf(file), type);
                if (found.To != found.From) yield return found;
            }
        }
    }

    /// <summary>The namespaces of each file, and whether it declares a public type.</summary>
    public IEnumerable<(string File, string Namespace, bool IsPublic)> Namespaces()
    {
        foreach (SyntaxTree tree in _compilation.SyntaxTrees)
        {
            foreach (BaseNamespaceDeclarationSyntax declared in tree.GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
                yield return (tree.FilePath, declared.Name.ToString(), declared.Members.Any(member => member.Modifiers.Any(SyntaxKind.PublicKeyword)));
        }
    }

    /// <summary>The files and types of this project that a symbol needs: its own, and those of what it takes and returns.</summary>
    private IEnumerable<(string File, string Type)> PlacesOf(ISymbol symbol)
    {
        foreach (INamedTypeSymbol type in TypesOf(symbol))
        {
            if (!SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, _compilation.Assembly)) continue;
            // A member of a partial type belongs to the part that declares it; one that the compiler adds, to the type.
            bool isMember = symbol is not ITypeSymbol && SymbolEqualityComparer.Default.Equals(symbol.ContainingType?.OriginalDefinition, type);
            Location? place = (isMember ? symbol.OriginalDefinition.Locations : type.Locations).FirstOrDefault(location => location.IsInSource) ?? type.Locations.FirstOrDefault();
            if (place?.SourceTree is { } tree) yield return (tree.FilePath, type.Name);
        }
    }

    private static IEnumerable<INamedTypeSymbol> TypesOf(ISymbol symbol) => symbol switch
    {
        ITypeSymbol type => TypesIn(type),
        IMethodSymbol method => [.. TypesIn(method.ContainingType), .. TypesIn(method.ReturnType), .. method.Parameters.SelectMany(parameter => TypesIn(parameter.Type))],
        IPropertySymbol property => [.. TypesIn(property.ContainingType), .. TypesIn(property.Type)],
        IFieldSymbol field => [.. TypesIn(field.ContainingType), .. TypesIn(field.Type)],
        IEventSymbol happening => [.. TypesIn(happening.ContainingType), .. TypesIn(happening.Type)],
        ILocalSymbol local => TypesIn(local.Type),
        IParameterSymbol parameter => TypesIn(parameter.Type),
        _ => [],
    };

    private static IEnumerable<INamedTypeSymbol> TypesIn(ITypeSymbol? type) => type switch
    {
        IArrayTypeSymbol array => TypesIn(array.ElementType),
        IPointerTypeSymbol pointer => TypesIn(pointer.PointedAtType),
        INamedTypeSymbol named => [Outermost(named).OriginalDefinition, .. named.TypeArguments.SelectMany(TypesIn)],
        _ => [],
    };

    private static INamedTypeSymbol Outermost(INamedTypeSymbol type) => type.ContainingType is { } outer ? Outermost(outer) : type;

    /// <summary>A use in a line of a file.</summary>
    /// <param name="To">The room of what is used; null if it could not be bound.</param>
    /// <param name="Name">Its type, or the name that could not be bound.</param>
    private readonly record struct Found(string File, int Line, string? To, string Name)
    {
        public string From => RoomOf(File);

        public string Place => $"{File}:{Line}";
    }

    private static string FindRoot()
    {
        for (string? directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Valori.sln"))) return directory;
        }
        throw new InvalidOperationException($"no directory above {AppContext.BaseDirectory} has Valori.sln: the tests of the structure read the sources");
    }
}

/// <summary>A use of a type of one room in another.</summary>
/// <param name="From">The room that uses it; empty for the project's own folder.</param>
/// <param name="Place">The first file and line that do.</param>
internal sealed record RoomUse(string From, string To, string Place, string Type)
{
    public override string ToString() => $"{Place} uses {Type} of {(To.Length == 0 ? "the project's own folder" : To)}";
}
