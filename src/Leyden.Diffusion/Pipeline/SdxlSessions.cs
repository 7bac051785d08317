namespace Leyden.Diffusion;

/// <summary>The open graphs of a model.</summary>
internal sealed class SdxlSessions : IDisposable
{
    private readonly GraphSession[] _all;

    private SdxlSessions(GraphSession[] all) => _all = all;

    public GraphSession TextEncoder => _all[0];

    public GraphSession TextEncoder2 => _all[1];

    public GraphSession UNet => _all[2];

    public GraphSession VaeDecoder => _all[3];

    /// <summary>Only where the directory has one.</summary>
    public GraphSession SafetyChecker => _all[4];

    /// <summary>Opens all graphs at once, or none.</summary>
    public static async Task<SdxlSessions> OpenAsync(SdxlDirectory directory, PipelineOptions options)
    {
        OnnxFile?[] files =
        [
            directory.TextEncoder.File,
            directory.TextEncoder2.File,
            directory.UNet.File,
            directory.VaeDecoder.File,
            directory.SafetyChecker?.File,
        ];
        var opening = files
            .OfType<OnnxFile>()
            .Select(file => Task.Run(() => GraphSession.Open(file, options)))
            .ToArray();
        try
        {
            return new SdxlSessions(await Task.WhenAll(opening));
        }
        catch
        {
            foreach (var session in opening.Where(o => o.IsCompletedSuccessfully))
            {
                (await session).Dispose();
            }

            throw;
        }
    }

    public void Dispose()
    {
        foreach (var session in _all)
        {
            session.Dispose();
        }
    }
}
