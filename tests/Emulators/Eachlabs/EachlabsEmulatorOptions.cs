namespace Leyden.Emulators.Eachlabs;

/// <summary>
/// How the emulator behaves. All may be changed while it runs; on the command line each is a switch of the same name
/// (<c>--RunTime 00:00:02 --RequestsPerMinute 60</c>).
/// </summary>
public sealed class EachlabsEmulatorOptions
{
    /// <summary>Where to listen; an http address of this machine. Port 0 (the default) takes a free one. Read at start.</summary>
    public string Url { get; set; } = "http://127.0.0.1:0";

    /// <summary>The key that callers must send; null (the default) takes any key that is not empty.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Creates, reads and cancels in any 60 seconds; 0 for no limit. Requests that are refused for it do not count.</summary>
    public int RequestsPerMinute { get; set; } = 60;

    /// <summary>Predictions that may be unfinished at once; 0 for no limit.</summary>
    public int MaxConcurrent { get; set; } = 10;

    /// <summary>What a 429 says in <c>Retry-After</c>. The real API is not documented to send it.</summary>
    public RetryAfterForm RetryAfter { get; set; }

    /// <summary>How long a prediction waits (<c>created</c>, then <c>starting</c>) before its model runs.</summary>
    public TimeSpan QueueTime { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the model runs (<c>processing</c>); what <c>metrics.predict_time</c> says.</summary>
    public TimeSpan RunTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>By how much run times differ: 0 (not at all) to 1 (from nothing to twice <see cref="RunTime"/>).</summary>
    public double RunTimeJitter { get; set; }

    /// <summary>US dollars a second of run time in <c>metrics.cost</c>; null leaves the cost out.</summary>
    public decimal? PricePerSecond { get; set; } = 0.001540m;

    /// <summary>The form of <c>output</c>.</summary>
    public OutputForm Output { get; set; }

    /// <summary>
    /// Refuses JSON numbers and booleans in the input of SDXL-Lightning, which the API's own example sends as strings.
    /// </summary>
    public bool StringsOnly { get; set; }

    /// <summary>The form of the webhook's payload, about which the API's documentation has two stories.</summary>
    public WebhookForm Webhook { get; set; }

    /// <summary>How long the faults with "slow" in their names hold an answer back.</summary>
    public TimeSpan SlowAnswer { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Finished predictions that are remembered; older ones become unknown.</summary>
    public int MaxRemembered { get; set; } = 5_000;
}

/// <summary>What a 429 says in <c>Retry-After</c>.</summary>
public enum RetryAfterForm
{
    /// <summary>Nothing: the header is absent.</summary>
    Absent,

    /// <summary>Whole seconds.</summary>
    Seconds,

    /// <summary>An HTTP date.</summary>
    Date,
}

/// <summary>The form of a finished prediction's <c>output</c>.</summary>
public enum OutputForm
{
    /// <summary>The URL when there is one output, an array of URLs when there are several.</summary>
    StringOrArray,

    /// <summary>Always an array of URLs.</summary>
    Array,

    /// <summary>An object: <c>{"images":[{"url":…}]}</c>.</summary>
    Nested,
}

/// <summary>The form of a webhook's payload.</summary>
public enum WebhookForm
{
    /// <summary>The prediction as a read would give it.</summary>
    Prediction,

    /// <summary><c>{"exec_id":…,"status":"succeeded"|"failed","output":[…]}</c>.</summary>
    Execution,

    /// <summary>None is sent, as some pages of the documentation have it for plain predictions.</summary>
    None,
}
