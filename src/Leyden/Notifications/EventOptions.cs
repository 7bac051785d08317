using System.Text.RegularExpressions;
using Leyden.Storage;
using Microsoft.Extensions.Options;

namespace Leyden.Notifications;

/// <summary>Where the events of all predictions go as CloudEvents. Configuration section <c>Leyden:Events</c>.</summary>
public sealed class EventOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Events";

    /// <summary>
    /// A queue of the storage account that <see cref="StorageOptions"/> names; made when it does not exist. Default: none.
    /// </summary>
    public string? Queue { get; set; }

    /// <summary>
    /// The endpoint of an Event Grid topic for CloudEvents (https), to which this host's own (managed) identity may send. Default: none.
    /// </summary>
    public string? EventGridTopic { get; set; }

    /// <summary>
    /// The <c>source</c> of the events, a URI or a path. Default: the predictions' address (<c>Leyden:PublicBaseUrl</c> and
    /// <c>/v1/prediction</c>).
    /// </summary>
    public string? Source { get; set; }
}

/// <summary>What names of queues are possible, and which may be asked for by callers.</summary>
public static partial class QueueName
{
    /// <summary>What is accepted, for those who are told that something was not.</summary>
    public const string Form =
        "a queue's name: 3 to 63 lower-case letters, digits and single hyphens, and no queue of the durable engine";

    /// <summary>Whether a queue of the storage account can have this name.</summary>
    public static bool IsValid(string name) => ValidForm().IsMatch(name);

    /// <summary>
    /// Whether a caller may have events sent there: not to the queues by which the durable engine and its poison queues work, which are
    /// in the same account.
    /// </summary>
    public static bool IsOpenToCallers(string name) => IsValid(name) && !Reserved().IsMatch(name);

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ValidForm();

    [GeneratedRegex(@"-control-[0-9]+\z|-workitems\z|-poison\z|\Aazure-webjobs-", RegexOptions.CultureInvariant)]
    private static partial Regex Reserved();
}

/// <summary>Says what is wrong with <see cref="EventOptions"/>, all of it at once.</summary>
internal sealed class EventOptionsValidator(IOptions<StorageOptions> storage) : IValidateOptions<EventOptions>
{
    public ValidateOptionsResult Validate(string? name, EventOptions options)
    {
        var errors = new List<string>();
        if (options.Queue is { Length: > 0 } queue)
        {
            if (!QueueName.IsValid(queue))
            {
                errors.Add(
                    $"{EventOptions.Section}:Queue is '{queue}'; it must be 3 to 63 lower-case letters, digits and single hyphens."
                );
            }

            if (!QueueAccount.IsConfigured(storage.Value))
            {
                errors.Add(
                    $"{EventOptions.Section}:Queue needs a storage account: set {StorageOptions.Section}:ConnectionString or AccountName."
                );
            }
        }

        if (
            options.EventGridTopic is { Length: > 0 } topic
            && !(Uri.TryCreate(topic, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps)
        )
        {
            errors.Add($"{EventOptions.Section}:EventGridTopic must be an https URL.");
        }

        if (options.Source is { Length: > 0 } source && !Uri.TryCreate(source, UriKind.RelativeOrAbsolute, out _))
        {
            errors.Add($"{EventOptions.Section}:Source must be a URI or a path.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
