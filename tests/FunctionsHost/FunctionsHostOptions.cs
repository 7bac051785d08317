using System.Reflection;

namespace Leyden.FunctionsHost;

/// <summary>How a host is started.</summary>
public sealed class FunctionsHostOptions
{
    /// <summary>Where to listen. Default: a free port of this machine.</summary>
    public string Url { get; init; } = "http://127.0.0.1:0";

    /// <summary>
    /// The app's settings, by the names of environment variables (<c>AzureWebJobsStorage</c>, <c>Leyden__Eachlabs__ApiKey</c>,
    /// <c>AzureFunctionsJobHost__extensions__durableTask__hubName</c>). Environment variables themselves are not read.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Functions beside those of the app.</summary>
    public IReadOnlyList<Assembly> Assemblies { get; init; } = [];

    /// <summary>Changes the app's services, to put faults between them.</summary>
    public Action<IServiceCollection>? Configure { get; init; }

    /// <summary>
    /// How long a message that was taken from a queue is invisible. Default: 10 minutes, as on the real host; shorter, a host that comes
    /// back after a crash finds its messages sooner.
    /// </summary>
    public TimeSpan MessageLease { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often each timer fires, whatever its schedule says. Default: never by itself.</summary>
    public TimeSpan? TimerInterval { get; init; }
}
