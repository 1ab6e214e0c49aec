using Valori.Protocol;

namespace Valori;

/// <summary>How <see cref="SetFields"/> changes the fields that a record has. The numbers stand in journals and messages.</summary>
public enum FieldsMode
{
    /// <summary>Sets fields. Those that it does not name stay.</summary>
    Merge = 1,

    /// <summary>Sets fields. Those that it does not name are removed.</summary>
    Replace = 2,

    /// <summary>Removes fields by their names, and those below them. A name that the record does not have is not an error.</summary>
    Remove = 3,
}
