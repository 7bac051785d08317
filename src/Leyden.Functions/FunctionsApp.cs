using Azure.Core.Serialization;
using Leyden.Api;
using Leyden.Api.Access;
using Leyden.Backends;
using Leyden.Backends.Container;
using Leyden.Backends.Eachlabs;
using Leyden.Net;
using Leyden.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Leyden.Functions;

/// <summary>What the Functions app is made of. Nothing is read, opened or asked for before the first request.</summary>
public static class FunctionsApp
{
    /// <summary>The connection of the Functions host itself: a connection string, or a section with an account name.</summary>
    public const string HostStorage = "AzureWebJobsStorage";

    private const int Refused = 2;
    private const long HostMaxBodyBytes = 104_857_600;

    /// <summary>Runs the worker until the Functions host ends it.</summary>
    /// <returns>The exit code: 2 when a setting keeps it from starting.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = FunctionsApplication.CreateBuilder(args);
        builder.ConfigureFunctionsWebApplication();
        builder.UseMiddleware<HttpFaults>();
        // As much as the Functions host lets through: what is too large is refused by the API, in words, not by a broken connection.
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MaxRequestBodySize = HostMaxBodyBytes
        );
        builder.AddLeyden();
        builder.Services.AddTelemetry(builder.Configuration);
        using var app = builder.Build();
        try
        {
            CheckRoute(app.Services);
            if (HostAddress(builder.Configuration) is { IsLoopback: true } here)
            {
                app.Services.GetRequiredService<DeploymentAddress>().ListensAt(here);
            }

            await app.RunAsync();
            return 0;
        }
        catch (Exception e) when (SettingFaults.Explain(e) is { } reason)
        {
            await Console.Error.WriteLineAsync($"Leyden does not start: {reason}");
            return Refused;
        }
    }

    /// <summary>
    /// Registers everything but what runs the triggers, which is the worker's affair, or that of another host of the same triggers.
    /// </summary>
    /// <param name="builder">A builder whose configuration is complete.</param>
    public static void AddLeyden(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddLeydenCore();
        services.AddObjectStore(builder.Configuration);
        services.AddEachlabsBackend();
        services.AddContainerBackend(builder.Configuration);
        services.AddLeydenApi();
        services.AddSingleton<QueueSetup>();
        services.PostConfigure<StorageOptions>(storage => UseHostStorage(storage, builder.Configuration));
        services.PostConfigure<PublicAddressOptions>(address => UseHostAddress(address, builder.Configuration));
        services
            .AddOptions<AccessOptions>()
            .Validate(
                keys => keys.Hashes.Count > 0 || HostAddress(builder.Configuration) is null or { IsLoopback: true },
                $"No keys are set, so that anybody on the internet could call: set {AccessOptions.Section.Replace(":", "__", StringComparison.Ordinal)}__NAME to the hash that leyden keys new NAME prints."
            );
        services.Configure<WorkerOptions>(worker => worker.Serializer = new JsonObjectSerializer(LeydenJson.Options));

        // Links to pictures and addresses of callbacks are permissions: these categories would log them.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
        builder.Logging.AddFilter("Polly", LogLevel.Warning);
        builder.Logging.AddFilter("Azure", LogLevel.Warning);

        // What the host says about a failed start is thrown as well, and shown in one line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    }

    /// <summary>Refuses to start when predictions that name no backend would have none.</summary>
    /// <exception cref="OptionsValidationException">That is so, or another setting of backends is wrong.</exception>
    public static void CheckRoute(IServiceProvider services)
    {
        if (!services.GetRequiredService<BackendDirectory>().HasPreferred(out var error))
        {
            throw new OptionsValidationException(
                "Leyden",
                typeof(RoutingOptions),
                [$"Leyden:Backend names a backend that is not configured: {error.Message}"]
            );
        }
    }

    /// <summary>Names the account of the host where the settings name none.</summary>
    internal static void UseHostStorage(StorageOptions storage, IConfiguration configuration)
    {
        var isConfigured =
            !string.IsNullOrWhiteSpace(storage.ConnectionString)
            || !string.IsNullOrWhiteSpace(storage.AccountName)
            || !string.IsNullOrWhiteSpace(storage.Folder);
        if (isConfigured)
        {
            return;
        }

        storage.ConnectionString = configuration[HostStorage];
        if (string.IsNullOrWhiteSpace(storage.ConnectionString))
        {
            storage.AccountName = configuration[$"{HostStorage}:accountName"];
        }
    }

    private static void UseHostAddress(PublicAddressOptions address, IConfiguration configuration)
    {
        // No backend can report to localhost, where the tools for development listen.
        if (address.PublicBaseUrl is null && HostAddress(configuration) is { IsLoopback: false } url)
        {
            address.PublicBaseUrl = url.GetLeftPart(UriPartial.Authority);
        }
    }

    /// <summary>The address that the Functions host says it has: on Azure the app's name on the internet.</summary>
    private static Uri? HostAddress(IConfiguration configuration)
    {
        var host = configuration["WEBSITE_HOSTNAME"];
        return Uri.TryCreate($"https://{host}", UriKind.Absolute, out var url) && url.IsLoopback
                ? new UriBuilder(url) { Scheme = Uri.UriSchemeHttp, Port = url.IsDefaultPort ? 80 : url.Port }.Uri
            : string.IsNullOrWhiteSpace(host) ? null
            : url;
    }
}
