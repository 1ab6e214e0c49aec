using System.Text.RegularExpressions;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Valori.Actors.Text;

namespace Valori.Actors.Settings;

/// <summary>
/// What may stand under <c>valori</c>: the settings of reference.conf, and those that the plugins and dispatchers there have beside.
/// An application's own setting that is none of them, or is of another type than its default, stops a start: ignored, it would
/// leave a default in force without notice.
/// </summary>
internal static partial class KnownSettings
{
    private const string SnapshotsKept = "valori.snapshots.keep";

    private const string Root = "valori";

    // What stands for a default that is a list.
    private const string List = "[]";

    // Of Akka's dispatchers, what its own reference does not list.
    private const string MoreOfDispatchers = """
        dedicated-thread-pool { thread-count = 1, deadlock-timeout = 3s, threadtype = background, apartment = mta }
        channel-executor.priority = normal
        mailbox-type = "", mailbox-capacity = 1000, mailbox-push-timeout-time = 10s
        """;

    private static readonly string[] Plugins = ["journal-plugin-id", "read-journal-plugin-id", "snapshot-store-plugin-id"];
    private static readonly string[] Dispatchers = ["engine-dispatcher", "query-dispatcher", "costly-query-dispatcher", "journal-dispatcher", "snapshot-dispatcher"];
    private static readonly string[] Mappings = ["sql-server", "sqlserver", "sqlite", "postgresql", "mysql"];

    // Whole numbers with which nothing would work, if they were 0: by key, or by path if a section has another of that key.
    private static readonly string[] Positive =
    [
        "parallelism", "replay-bytes", "page-bytes", "window-size", "max-failures", "thread-count", "throughput",
        "max-batch-bytes", "valori.max-bytes-in-flight", "max-queries-waiting", "max-waiting", "after-journal-bytes", "bytes-per-second", "remembered-requests",
        "min-records", "growth-percent", "degree", "build-beam", "alpha-percent",
    ];

    private static readonly string[] IsolationLevels =
        ["unspecified", "chaos", "read-committed", "read-uncommitted", "repeatable-read", "serializable", "snapshot"];

    // Where a plugin takes any word, and goes on as if there were none.
    private static readonly Dictionary<string, string[]> Words = new(StringComparer.Ordinal)
    {
        ["mode"] = ["off", "fail", "warn", "repair-by-discard-old"],
        ["tag-write-mode"] = ["Csv", "TagTable", "Both"],
        ["tag-read-mode"] = ["Csv", "TagTable"],
        ["read-isolation-level"] = IsolationLevels,
        ["write-isolation-level"] = IsolationLevels,
        ["table-mapping"] = ["default", .. Mappings],
    };

    // By path; what is a section has null.
    private static readonly Lazy<Dictionary<string, string?>> Known = new(Collect);

    /// <summary>Checks what an application has under <c>valori</c>, defaults among it or not.</summary>
    /// <exception cref="ConfigurationException">A setting is not known, or no value of its type; the message names both.</exception>
    public static void Check(Config application)
    {
        // Each layer by itself: merged, a section hides a text of the same name, and Akka's own look-ups fail on the two.
        bool isSet = false;
        for (Config? layer = application; layer is not null; layer = layer.Fallback)
        {
            if (layer.Root is not { } root || !root.IsObject() || !root.GetObject().Items.TryGetValue(Root, out HoconValue? valori)) continue;
            if (!valori.IsObject()) throw new ConfigurationException($"{Root} is \"{Spelling.Shown(valori.ToString())}\"; it must be a section: valori {{ ... }}");
            isSet = true;
        }
        if (isSet) Check(application.GetConfig(Root), Root, ForeignSections(application));
    }

    /// <summary>
    /// Checks that the sections of a file for this program only are spelt right, and that no setting stands outside of them. An
    /// application has sections of its own beside; they are ignored if they look like nothing of Valori's.
    /// </summary>
    /// <exception cref="ConfigurationException">One is nearly <c>valori</c> or <c>akka</c>, or is a setting of Valori's.</exception>
    public static void CheckRoot(Config file)
    {
        if (!file.Root.IsObject()) return;
        foreach (string key in file.Root.GetObject().Items.Keys.Where(key => key is not (Root or "akka")))
        {
            string? meant = Spelling.Nearest(key, [Root, "akka"]) ?? (Known.Value.ContainsKey($"{Root}.{key}") ? $"{Root}.{key}" : null);
            if (meant is not null) throw new ConfigurationException($"{Spelling.Shown(key)} is not a setting: did you mean {meant}?");
        }
    }

    private static void Check(Config section, string path, HashSet<string> foreign)
    {
        Dictionary<string, string?> known = Known.Value;
        foreach ((string key, HoconValue value) in section.Root.GetObject().Items)
        {
            string place = $"{path}.{key}";
            if (foreign.Contains(place)) continue;
            if (!known.TryGetValue(place, out string? reference)) throw Unknown(path, key);
            if (reference is null && !value.IsObject())
                throw new ConfigurationException($"{place} is \"{Spelling.Shown(value.ToString())}\"; it must be a section with {string.Join(", ", KeysOf(place))}");
            if (reference is null) Check(section.GetConfig(key), place, foreign);
            else CheckValue(new SettingReader(section, path), section, path, key, reference);
        }
    }

    /// <summary>A value is of the type that its default shows.</summary>
    private static void CheckValue(SettingReader reader, Config section, string path, string key, string reference)
    {
        if (reference == List)
        {
            reader.Texts(key);
            return;
        }
        string text = reader.Text(key);
        if (Words.TryGetValue(key, out string[]? words))
        {
            if (!words.Contains(text, StringComparer.OrdinalIgnoreCase)) throw reader.Wrong(key, $"one of {string.Join(", ", words)}");
        }
        else if (reference is "on" or "off" or "true" or "false")
        {
            if (text is not ("on" or "off" or "true" or "false" or "yes" or "no")) throw reader.Wrong(key, "on or off");
        }
        else if (WholeNumber().IsMatch(reference))
        {
            reader.WholeNumber(key, $"{path}.{key}" == SnapshotsKept ? ValoriSettings.MinimumSnapshotsKept : Positive.Contains(key) || Positive.Contains($"{path}.{key}") ? 1 : 0);
        }
        else if (DecimalNumber().IsMatch(reference))
        {
            reader.Number(key, 0, double.MaxValue);
        }
        else if (Duration().IsMatch(reference) && text != "infinite" && !SettingReader.TryDuration(section, key, out _))
        {
            throw reader.Wrong(key, "a time, such as 10s, 200ms or 5m");
        }
    }

    private static ConfigurationException Unknown(string path, string key)
    {
        string[] here = KeysOf(path);
        string? meant = Spelling.Nearest(key, here) is { } near
            ? $"{path}.{near}"
            : Known.Value.Keys.Where(known => known.EndsWith($".{key}", StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault();
        return new ConfigurationException(
            $"{path}.{Spelling.Shown(key)} is not a setting: {(meant is null ? $"{path} has {string.Join(", ", here)}" : $"did you mean {meant}?")}");
    }

    private static string[] KeysOf(string path) =>
        [.. Known.Value.Keys.Where(known => known.StartsWith(path + ".", StringComparison.Ordinal) && known.IndexOf('.', path.Length + 1) < 0).Select(known => known[(path.Length + 1)..])];

    /// <summary>Sections of plugins that are not Valori's: what may stand there is theirs to say.</summary>
    private static HashSet<string> ForeignSections(Config application)
    {
        HashSet<string> foreign = new(StringComparer.Ordinal);
        foreach (string id in Plugins.Select(plugin => application.GetString($"{Root}.{plugin}")).OfType<string>().Where(id => !Known.Value.ContainsKey(id)))
            foreign.Add(id);
        foreach (string section in new[] { "journal", "read-journal", "snapshot-store", "sql-snapshot-store" }.Select(name => $"{Root}.{name}"))
        {
            if (application.GetString($"{section}.class") is { } type && type != Known.Value[$"{section}.class"]) foreign.Add(section);
        }
        return foreign;
    }

    private static Dictionary<string, string?> Collect()
    {
        Dictionary<string, string?> known = new(StringComparer.Ordinal);
        Config persistence = Persistence.DefaultConfig();
        Add(known, Root, ReferenceConfig.Reference.GetConfig(Root));
        AddPlugin(known, "journal", SqlPersistence.DefaultJournalConfiguration);
        AddPlugin(known, "journal", persistence.GetConfig("akka.persistence.journal-plugin-fallback"));
        AddPlugin(known, "read-journal", SqlPersistence.DefaultQueryConfiguration);
        AddPlugin(known, "sql-snapshot-store", SqlPersistence.DefaultSnapshotConfiguration);
        // Of Akka's plugins, what Valori's own reading took the place of: set, it would do nothing.
        foreach (string replaced in new[] { "journal.replay-batch-size", "journal.batch-size", "journal.buffer-size", "read-journal.max-buffer-size", "read-journal.refresh-interval" })
            known.Remove($"{Root}.{replaced}");
        foreach (string store in new[] { "snapshot-store", "sql-snapshot-store" })
            AddPlugin(known, store, persistence.GetConfig("akka.persistence.snapshot-store-plugin-fallback"));
        Config dispatcher = ConfigurationFactory.ParseString(MoreOfDispatchers).WithFallback(ConfigurationFactory.Default().GetConfig("akka.actor.default-dispatcher"));
        foreach (string name in Dispatchers) Add(known, $"{Root}.{name}", dispatcher);
        return known;
    }

    private static void AddPlugin(Dictionary<string, string?> known, string plugin, Config config)
    {
        Add(known, $"{Root}.{plugin}", config);
        // A table of one database has what the tables of all of them have.
        if (!config.HasPath("default")) return;
        foreach (string mapping in Mappings) Add(known, $"{Root}.{plugin}.{mapping}", config.GetConfig("default"));
    }

    /// <summary>Every path of a section, if it is not known yet.</summary>
    private static void Add(Dictionary<string, string?> known, string path, Config section)
    {
        known.TryAdd(path, null);
        foreach ((string key, HoconValue value) in section.Root.GetObject().Items)
        {
            if (value.IsObject()) Add(known, $"{path}.{key}", section.GetConfig(key));
            else known.TryAdd($"{path}.{key}", SettingReader.IsList(value) ? List : section.GetString(key) ?? "");
        }
    }

    [GeneratedRegex(@"^[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex WholeNumber();

    [GeneratedRegex(@"^[0-9]+\.[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex DecimalNumber();

    [GeneratedRegex(@"^[0-9]+(ms|s|m|h|d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
