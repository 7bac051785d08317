using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Leyden.Emulators.Cog;

/// <summary>
/// What can go wrong on command: by its kebab-case name in a prompt, <c>[[fault:run-failed]]</c> always, <c>[[fault:busy*2]]</c> the first two
/// times, counted by prompt.
/// </summary>
public enum CogFault
{
    /// <summary>409, as if all slots were in use.</summary>
    Busy,

    /// <summary>503, as if the setup were not over.</summary>
    NotReady,

    /// <summary>422 with <c>detail</c>.</summary>
    Unprocessable,

    /// <summary>422 with <c>error</c>, as a model that finds fault itself.</summary>
    UnprocessableError,

    /// <summary>500 after the run.</summary>
    ServerError,

    /// <summary>A proxy's 502 in the run.</summary>
    BadGateway,

    /// <summary>403.</summary>
    Forbidden,

    /// <summary>The model raises an exception.</summary>
    RunFailed,

    /// <summary>The safety checker drops every picture, which raises an exception.</summary>
    Nsfw,

    /// <summary>The safety checker drops every picture, and the run succeeds with none.</summary>
    NsfwEmpty,

    /// <summary>The safety checker drops the last picture.</summary>
    NsfwLast,

    /// <summary>The connection breaks in the run, which stops the run.</summary>
    Drop,

    /// <summary>The connection breaks in the run, and the run goes on for its time.</summary>
    DropDetached,

    /// <summary>The run is over, and the connection breaks before the answer.</summary>
    DropAfter,

    /// <summary>The connection breaks in the middle of the picture.</summary>
    HalfAnswer,

    /// <summary>The run does not end by itself.</summary>
    NeverFinish,

    /// <summary>The run ignores a cancel, which is answered as ever.</summary>
    CancelIgnored,

    /// <summary>The answer is half a JSON document.</summary>
    Malformed,

    /// <summary>The picture is followed by 60 MB of noise.</summary>
    HugeOutput,

    /// <summary>The output is a page of HTML.</summary>
    HtmlOutput,

    /// <summary>The output is no Base64.</summary>
    BadBase64,

    /// <summary>The output is a link, as with <c>--upload-url</c>.</summary>
    UrlOutput,

    /// <summary>The run breaks the container: it is <c>DEFUNCT</c> afterwards.</summary>
    Defunct,
}

/// <summary>Decides when a fault happens.</summary>
public sealed partial class CogFaults
{
    private readonly Dictionary<(string Prompt, string Name), int> _used = [];
    private readonly Lock _gate = new();

    /// <summary>The marker to put into a prompt.</summary>
    /// <param name="fault">What shall go wrong.</param>
    /// <param name="times">How often, counted by prompt; null for always.</param>
    public static string Marker(CogFault fault, int? times = null) =>
        times is null ? $"[[fault:{NameOf(fault)}]]" : $"[[fault:{NameOf(fault)}*{times}]]";

    /// <summary>Whether the fault happens now; takes one of its times when they are counted.</summary>
    internal bool Happens(CogFault fault, string prompt)
    {
        foreach (Match marker in Markers().Matches(prompt))
        {
            var name = marker.Groups["name"].Value;
            if (name != NameOf(fault))
            {
                continue;
            }

            if (marker.Groups["times"] is not { Success: true } times)
            {
                return true;
            }

            lock (_gate)
            {
                var used = _used.GetValueOrDefault((prompt, name));
                _used[(prompt, name)] = used + 1;
                return used < int.Parse(times.Value, CultureInfo.InvariantCulture);
            }
        }

        return false;
    }

    private static string NameOf(CogFault fault) => JsonNamingPolicy.KebabCaseLower.ConvertName(fault.ToString());

    [GeneratedRegex(@"\[\[fault:(?<name>[a-z0-9-]+)(\*(?<times>[0-9]{1,6}))?\]\]", RegexOptions.CultureInvariant)]
    private static partial Regex Markers();
}
