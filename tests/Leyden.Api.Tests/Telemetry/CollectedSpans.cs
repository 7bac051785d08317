using System.Collections.Concurrent;
using System.Diagnostics;
using OpenTelemetry;

namespace Leyden.Api.Tests.Telemetry;

/// <summary>Takes the place of an exporter: keeps what would leave the process. Other tests of this process leave spans here too.</summary>
internal sealed class CollectedSpans : BaseExporter<Activity>
{
    private readonly ConcurrentQueue<Activity> _spans = new();

    public IReadOnlyList<Activity> All => [.. _spans];

    public IReadOnlyList<Activity> Of(ActivityTraceId trace) => [.. _spans.Where(s => s.TraceId == trace)];

    public override ExportResult Export(in Batch<Activity> batch)
    {
        foreach (var span in batch)
        {
            _spans.Enqueue(span);
        }

        return ExportResult.Success;
    }
}
