using System.Text;

namespace Valori.VectorData.Tests.Equivalence;

/// <summary>Records whose values are edges of their types, so that filters at the same edges part them.</summary>
internal sealed class RecordGenerator(Choices choices)
{
    private static readonly string[] OddKeys = [.. DataTypes.EdgesOf(typeof(string)).Cast<string>().Where(key => Encoding.UTF8.GetByteCount(key) is > 0 and <= RecordKey.MaximumBytes)];

    public List<EveryType> Take(int count) => [.. Enumerable.Range(0, count).Select(One)];

    private EveryType One(int number)
    {
        EveryType record = new() { Key = number < OddKeys.Length ? OddKeys[number] : $"key {number}", Vector = new float[] { choices.Number(10), choices.Number(10) } };
        foreach (Type type in DataTypes.All)
        {
            void Set(PropertyForm form, object value) => DataTypes.PropertyOf(type, form).SetValue(record, value);
            if (type != typeof(string) || choices.Chance(80)) Set(PropertyForm.Plain, choices.StoredValue(type));
            if (type != typeof(string) && choices.Chance(65)) Set(PropertyForm.Nullable, choices.StoredValue(type));
            if (choices.Chance(75)) Set(PropertyForm.Array, Values(type));
            if (choices.Chance(75)) Set(PropertyForm.List, Activator.CreateInstance(typeof(List<>).MakeGenericType(type), Values(type))!);
        }
        return record;
    }

    private Array Values(Type type)
    {
        Array values = Array.CreateInstance(type, choices.Number(4));
        for (int i = 0; i < values.Length; i++) values.SetValue(choices.StoredValue(type), i);
        return values;
    }
}
