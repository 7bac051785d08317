using Leyden.Diffusion;

namespace Leyden.ModelServer.Loading;

/// <summary>Brings the model to where it can draw.</summary>
internal interface IModelLoader
{
    /// <summary>Loads it, which may take minutes.</summary>
    /// <param name="log">Told what happens.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ITextToImage> LoadAsync(SetupLog log, CancellationToken cancellationToken);
}
