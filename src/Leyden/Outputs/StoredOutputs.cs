using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Outputs;

/// <summary>Streams the pictures of a run into the object store. A repeat writes the same objects again.</summary>
internal sealed class StoredOutputs(Prediction prediction, OutputWriter writer) : IOutputSink
{
    private readonly List<PredictionOutput> _stored = [];

    /// <summary>The pictures so far.</summary>
    public IReadOnlyList<PredictionOutput> Stored => _stored;

    public int Count => _stored.Count;

    public async Task<FetchOutcome> AddAsync(Stream content, CancellationToken cancellationToken)
    {
        var target = PredictionKeys.Output(prediction.Owner, prediction.Id, _stored.Count);
        var outcome = await writer.WriteAsync(content, target, cancellationToken);
        if (outcome is FetchOutcome.Stored stored)
        {
            _stored.Add(stored.Output);
        }

        return outcome;
    }
}
