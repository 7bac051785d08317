using System.Diagnostics;
using System.Diagnostics.Metrics;
using Leyden.Backends;
using Leyden.Predictions;

namespace Leyden.Telemetry;

/// <summary>
/// The instruments of the meter <c>Leyden</c>; docs/observability.md lists them. Predictions are counted where their end is won, so
/// a step that is repeated counts nothing twice; an end whose write was done but not answered is not counted at all.
/// </summary>
public sealed class LeydenMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Leyden";

    // From a hot model's half second to a deadline of hours.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600],
    };

    // Of a limit in use: up to all of it, and beyond, where requests are reserved ahead.
    private static readonly InstrumentAdvice<double> Shares = new()
    {
        HistogramBucketBoundaries = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1, 2, 5, 10],
    };

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _total;
    private readonly Histogram<double> _queue;
    private readonly Histogram<double> _run;
    private readonly Histogram<double> _overhead;
    private readonly Counter<double> _cost;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _quotaWait;
    private readonly Histogram<double> _limitUsage;
    private readonly Counter<long> _breakerOpenings;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _messages;

    /// <summary>Creates the instruments.</summary>
    public LeydenMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName, typeof(LeydenMetrics).Assembly.GetName().Version?.ToString(3));
        _accepted = meter.CreateCounter<long>(
            "leyden.predictions.accepted",
            "{prediction}",
            "Predictions that were accepted, each once however often it was asked for."
        );
        _ended = meter.CreateCounter<long>("leyden.predictions", "{prediction}", "Predictions that reached their end.");
        _total = Duration(meter, "leyden.prediction.duration", "From acceptance to the end of a prediction.");
        _queue = Duration(
            meter,
            "leyden.prediction.queue.duration",
            "From acceptance until the backend took the prediction: queue, quota and submission."
        );
        _run = Duration(meter, "leyden.prediction.run.duration", "How long the model ran, by the backend's clock.");
        _overhead = Duration(
            meter,
            "leyden.prediction.overhead.duration",
            "From the backend's taking a prediction to its success, less the run: the backend's own queue, looking, storing pictures."
        );
        _cost = meter.CreateCounter<double>(
            "leyden.prediction.cost",
            "{USD}",
            "What backends bill, as they report it."
        );
        _requests = meter.CreateCounter<long>(
            "leyden.backend.requests",
            "{request}",
            "Requests to backends by what came of them; HTTP repeats within one are not counted here."
        );
        _quotaWait = Duration(
            meter,
            "leyden.backend.quota.wait.duration",
            "For how long a step was put off by the backend's request limit, each time that it was."
        );
        _limitUsage = meter.CreateHistogram(
            "leyden.backend.limit.usage",
            "1",
            "The share of a backend's limit in use, each time that a prediction asks for a place or a request; above 1 others wait already.",
            tags: null,
            advice: Shares
        );
        _breakerOpenings = meter.CreateCounter<long>(
            "leyden.backend.breaker.openings",
            "{opening}",
            "How often a backend was taken out of the choice for a while, since it failed."
        );
        _deliveries = meter.CreateCounter<long>(
            "leyden.deliveries",
            "{attempt}",
            "Attempts to deliver an event of a prediction."
        );
        _parked = meter.CreateCounter<long>(
            "leyden.deliveries.parked",
            "{delivery}",
            "Deliveries that were given up until somebody asks for them."
        );
        _messages = meter.CreateCounter<long>(
            "leyden.intake.messages",
            "{message}",
            "Messages of the queue that are done with: taken, or put into the poison queue."
        );
    }

    /// <summary>Counts a prediction that is new.</summary>
    public void Accepted(Prediction prediction) => _accepted.Add(1, Of(prediction));

    /// <summary>Counts a prediction that has just reached its end. Only whoever wrote the end may call it.</summary>
    public void Ended(Prediction prediction)
    {
        var backend = Of(prediction);
        KeyValuePair<string, object?> status = new(TelemetryTags.Status, StatusOf(prediction));
        TagList tags = [backend, status];
        if (prediction.Failure is { } failure)
        {
            _ended.Add(1, [backend, status, new(TelemetryTags.ErrorType, failure.Code)]);
        }
        else
        {
            _ended.Add(1, tags);
        }

        if (prediction.CompletedAt is { } completed)
        {
            Record(_total, completed - prediction.CreatedAt, tags);
        }

        if (prediction.StartedAt is { } started)
        {
            Record(_queue, started - prediction.CreatedAt, [backend]);
        }

        if (prediction.PredictTime is { } run)
        {
            Record(_run, run, tags);
        }

        if (
            prediction is
            { Status: PredictionStatus.Succeeded, CompletedAt: { } end, StartedAt: { } taken, PredictTime: { } ran }
        )
        {
            Record(_overhead, end - taken - ran, [backend]);
        }

        if (prediction.Cost is { } cost)
        {
            _cost.Add((double)cost, backend);
        }
    }

    /// <summary>Counts a request to a backend.</summary>
    /// <param name="backend">The backend's name.</param>
    /// <param name="operation">What it was asked.</param>
    /// <param name="outcome">What came of it, a word out of a closed set.</param>
    public void BackendRequest(string backend, string operation, string outcome) =>
        _requests.Add(
            1,
            [
                new(TelemetryTags.Backend, backend),
                new(TelemetryTags.Operation, operation),
                new(TelemetryTags.Outcome, outcome),
            ]
        );

    /// <summary>Notes that a step waits for the backend's request limit.</summary>
    public void QuotaWait(string backend, TimeSpan wait) =>
        Record(_quotaWait, wait, [new(TelemetryTags.Backend, backend)]);

    /// <summary>Notes how much of a backend's limits is in use.</summary>
    /// <param name="backend">The backend's name.</param>
    /// <param name="limits">What it allows; a limit that it does not have is not noted.</param>
    /// <param name="places">Predictions that have a place or wait for one.</param>
    /// <param name="requests">Requests of the last minute, and moments reserved ahead.</param>
    public void LimitUsage(string backend, BackendLimits limits, int places, int requests)
    {
        KeyValuePair<string, object?> name = new(TelemetryTags.Backend, backend);
        if (limits.MaxConcurrent is { } most)
        {
            _limitUsage.Record((double)places / most, name, new(TelemetryTags.Limit, "places"));
        }

        if (limits.RequestsPerMinute is { } perMinute)
        {
            _limitUsage.Record((double)requests / perMinute, name, new(TelemetryTags.Limit, "requests"));
        }
    }

    /// <summary>Counts an opening of a backend's breaker.</summary>
    public void BreakerOpened(string backend) =>
        _breakerOpenings.Add(1, new KeyValuePair<string, object?>(TelemetryTags.Backend, backend));

    /// <summary>Counts a delivery that is parked.</summary>
    /// <param name="kind">Where it goes, as in <see cref="Delivery"/>.</param>
    public void Parked(string kind) => _parked.Add(1, new KeyValuePair<string, object?>(TelemetryTags.Kind, kind));

    /// <summary>Counts a message of the queue that is done with.</summary>
    /// <param name="outcome"><c>taken</c> or <c>poison</c>.</param>
    public void Message(string outcome) =>
        _messages.Add(1, new KeyValuePair<string, object?>(TelemetryTags.Outcome, outcome));

    /// <summary>Counts an attempt to deliver an event.</summary>
    /// <param name="kind">Where it goes: <c>webhook</c>, <c>queue</c> …: a word out of a closed set.</param>
    /// <param name="outcome">What came of it, a word out of a closed set.</param>
    public void Delivery(string kind, string outcome) =>
        _deliveries.Add(1, [new(TelemetryTags.Kind, kind), new(TelemetryTags.Outcome, outcome)]);

    /// <summary>The word for a prediction's status in tags.</summary>
    internal static string StatusOf(Prediction prediction) =>
        prediction.Status switch
        {
            PredictionStatus.Succeeded => "succeeded",
            PredictionStatus.Canceled => "canceled",
            PredictionStatus.Failed => "failed",
            _ => "open",
        };

    private static Histogram<double> Duration(Meter meter, string name, string description) =>
        meter.CreateHistogram(name, "s", description, tags: null, advice: Seconds);

    // Times of a record come from the clocks of several machines: never below zero.
    private static void Record(Histogram<double> histogram, TimeSpan duration, TagList tags) =>
        histogram.Record(Math.Max(0, duration.TotalSeconds), tags);

    private static KeyValuePair<string, object?> Of(Prediction prediction) =>
        new(TelemetryTags.Backend, prediction.Backend);
}
