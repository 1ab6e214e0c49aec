namespace Valori.Kernel.Proximity;

/// <summary>What a walk goes through: the upper level first, if there is one, and then all vertices.</summary>
/// <param name="Vertices">Of the base.</param>
/// <param name="UpperVertices">The first so many vertices of the base are those of the upper level; 0 if there is none.</param>
internal readonly record struct Levels(Layer Base, int Vertices, Layer Upper, int UpperVertices);
