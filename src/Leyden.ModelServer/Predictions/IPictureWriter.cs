using Leyden.Diffusion;
using Leyden.ModelServer.Inputs;

namespace Leyden.ModelServer.Predictions;

/// <summary>Makes files of pictures.</summary>
internal interface IPictureWriter
{
    /// <summary>Writes a PNG file.</summary>
    /// <param name="image">The pixels.</param>
    /// <param name="input">What it was made of.</param>
    /// <param name="index">Which of the input's pictures it is, from 0.</param>
    /// <param name="model">What made it.</param>
    byte[] Write(RgbImage image, PredictionInput input, int index, ModelDescription model);
}
