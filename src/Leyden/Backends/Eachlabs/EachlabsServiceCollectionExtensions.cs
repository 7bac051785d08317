using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Leyden.Backends.Eachlabs;

/// <summary>Registers the Eachlabs backend.</summary>
public static class EachlabsServiceCollectionExtensions
{
    private const int MaxReadRepeats = 2;
    private static readonly TimeSpan FirstReadRepeat = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Registers the backend <c>eachlabs</c> with its options (section <c>Leyden:Eachlabs</c>; the key also from
    /// <see cref="EachlabsOptions.KeyVariable"/>), validated at start. Needs an <see cref="IConfiguration"/> and logging.
    /// </summary>
    public static IServiceCollection AddEachlabsBackend(this IServiceCollection services)
    {
        services
            .AddOptions<EachlabsOptions>()
            .BindConfiguration(EachlabsOptions.Section)
            .PostConfigure<IConfiguration>(EachlabsOptions.CompleteKey)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<EachlabsClient>();
        services.AddSingleton<IBackend, EachlabsBackend>();

        AddClient(services, EachlabsClient.SubmitClientName);
        AddClient(services, EachlabsClient.ReadClientName)
            .AddResilienceHandler(
                "reads",
                (pipeline, context) =>
                {
                    pipeline.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
                    pipeline.AddRetry(ReadRepeats());
                }
            );
        return services;
    }

    // All time limits are the caller's (EachlabsClient): they include connecting, repeats and the answer's body.
    private static IHttpClientBuilder AddClient(IServiceCollection services, string name) =>
        services
            .AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .RedactLoggedHeaders(_ => true) // they carry the key
            .ConfigurePrimaryHttpMessageHandler(() =>
                new SocketsHttpHandler
                {
                    AllowAutoRedirect = false, // the key goes to the configured host only
                    UseCookies = false,
                    PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                    MaxResponseHeadersLength = 64, // kilobytes
                }
            );

    private static HttpRetryStrategyOptions ReadRepeats() =>
        new()
        {
            MaxRetryAttempts = MaxReadRepeats,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = FirstReadRepeat,
            // Not 429: the limit is waited for durably, and a quick repeat would only spend more of it.
            ShouldHandle = static arguments =>
                ValueTask.FromResult(
                    arguments.Outcome is { Exception: HttpRequestException }
                        || arguments.Outcome.Result?.StatusCode
                            is HttpStatusCode.InternalServerError
                                or HttpStatusCode.BadGateway
                                or HttpStatusCode.ServiceUnavailable
                                or HttpStatusCode.GatewayTimeout
                ),
        };
}
