using System.ComponentModel.DataAnnotations;
using Leyden.Diffusion;

namespace Leyden.ModelServer;

/// <summary>How the model is run and its predictions are kept. Configuration section <c>Leyden:ModelServer</c>.</summary>
public sealed class ModelServerOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:ModelServer";

    /// <summary>How many runs of the model go on at once, 1…16. Default: 1, which is what a GPU is for.</summary>
    public int Slots { get; set; } = 1;

    /// <summary>How many predictions may wait for a slot, 0…1,000. Default: 4. With 0 the server is full when its slots are, as Cog is.</summary>
    public int QueueLength { get; set; } = 4;

    /// <summary>
    /// How many pictures share a call of the model, 1…16: those of one prediction, and those of waiting predictions with the same settings.
    /// Default: 1, and then a picture is the same to the bit however it was made; docs/performance/model-server.md has figures.
    /// </summary>
    public int BatchSize { get; set; } = 1;

    /// <summary>Where the model runs. Default: the processor.</summary>
    public ExecutionProvider ExecutionProvider { get; set; } = ExecutionProvider.Cpu;

    /// <summary>The number of the GPU, 0…63. Default: the first.</summary>
    public int Device { get; set; }

    /// <summary>Threads of a session on the processor, 0…256. Default: 0, one for each core.</summary>
    public int Threads { get; set; }

    /// <summary>
    /// After this long without progress of a run the server says that it is UNHEALTHY, and when the run was cancelled, DEFUNCT. Default:
    /// 2 minutes. At least 1 second.
    /// </summary>
    public TimeSpan StallTime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long what runs may take to finish when the server is stopped; then it is cancelled. Default: 20 seconds. 0…1 hour.</summary>
    public TimeSpan StopTime { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How many ended predictions can be read again, 0…100,000. Default: 100.</summary>
    public int RecentCount { get; set; } = 100;

    /// <summary>How long they can. Default: 10 minutes. 0…1 day.</summary>
    public TimeSpan RecentAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How many bytes of pictures they may take together. Default: 256 MiB. Not negative.</summary>
    public long RecentBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How many predictions with a webhook may be unfinished or untold at once, 1…10,000. Default: 100.</summary>
    public int MaxWebhooks { get; set; } = 100;

    /// <summary>
    /// A token that webhooks carry as <c>Authorization: Bearer</c>, to hosts that <c>Leyden:AllowedHosts</c> names and to no other: who asks
    /// for a prediction chooses where its webhook goes. Default: none. <c>WEBHOOK_AUTH_TOKEN</c>, Cog's name for it, also sets it.
    /// </summary>
    public string? WebhookToken { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        new[]
        {
            Outside(nameof(Slots), Slots, 1, 16),
            Outside(nameof(QueueLength), QueueLength, 0, 1000),
            Outside(nameof(BatchSize), BatchSize, 1, 16),
            Outside(nameof(Device), Device, 0, 63),
            Outside(nameof(Threads), Threads, 0, 256),
            Outside(nameof(StallTime), StallTime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            Outside(nameof(StopTime), StopTime, TimeSpan.Zero, TimeSpan.FromHours(1)),
            Outside(nameof(RecentCount), RecentCount, 0, 100_000),
            Outside(nameof(RecentAge), RecentAge, TimeSpan.Zero, TimeSpan.FromDays(1)),
            Outside(nameof(RecentBytes), RecentBytes, 0, long.MaxValue),
            Outside(nameof(MaxWebhooks), MaxWebhooks, 1, 10_000),
            Enum.IsDefined(ExecutionProvider)
                ? null
                : new ValidationResult($"{Section}:ExecutionProvider is {ExecutionProvider}; it must be cpu or cuda."),
        }.OfType<ValidationResult>();

    private static ValidationResult? Outside<T>(string setting, T value, T min, T max)
        where T : IComparable<T> =>
        value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0
            ? null
            : new ValidationResult($"{Section}:{setting} is {value}; it must be from {min} to {max}.");
}
