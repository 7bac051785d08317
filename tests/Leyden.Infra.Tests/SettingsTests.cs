using System.Text.RegularExpressions;
using Leyden.Api.Access;
using Leyden.Backends.Container;
using Leyden.Backends.Eachlabs;
using Leyden.Functions;
using Leyden.ModelServer;
using Leyden.ModelServer.Loading;
using Leyden.Notifications;
using Leyden.Predictions;
using Leyden.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Leyden.Infra.Tests;

/// <summary>Settings: those that are deployed mean something to the code, and those that the code has are deployed or left out for a reason.</summary>
public sealed partial class SettingsTests
{
    // For the Functions host and the Azure SDK, not for options of ours.
    private static readonly Dictionary<string, string> OfTheHost = new()
    {
        ["AzureWebJobsStorage__accountName"] = "the host's storage, and ours, unless Leyden__Storage says otherwise",
        ["AzureWebJobsStorage__credential"] = "by managed identity",
        ["AzureWebJobsStorage__clientId"] = "which one",
        ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = "where telemetry goes",
        ["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] = "by managed identity, and which one",
        ["AZURE_CLIENT_ID"] = "which identity DefaultAzureCredential takes",
        ["DURABLE_TASK_SCHEDULER_CONNECTION_STRING"] = "host.azuremanaged.json names it",
    };

    // What no variant sets, by the beginning of its name, and why.
    private static readonly Dictionary<string, string> LeftOut = new()
    {
        ["Leyden__Backend"] = "auto is right where one or both backends are there",
        ["Leyden__PublicBaseUrl"] = "the host gives the app's own name; a domain of one's own is set by hand",
        ["Leyden__MaxWait"] = "the default is within Azure's limit of 230 s",
        ["Leyden__MaxStream"] = "the same",
        ["Leyden__MaxStreams"] = "the same for each instance whatever its number",
        ["Leyden__AllowLoopback"] = "development only",
        ["Leyden__AllowedHosts"] = "development only",
        ["Leyden__Eachlabs__BaseUrl"] = "there is one Eachlabs",
        ["Leyden__Eachlabs__KeyHeader"] = "there is one Eachlabs",
        ["Leyden__Eachlabs__RequestsPerMinute"] = "its published limit is the default",
        ["Leyden__Eachlabs__MaxConcurrent"] = "its published limit is the default",
        ["Leyden__Eachlabs__CreateTimeout"] = "no matter of the deployment",
        ["Leyden__Eachlabs__ReadTimeout"] = "no matter of the deployment",
        ["Leyden__Eachlabs__PricePerSecond"] = "its published price is the default",
        ["Leyden__Eachlabs__ResubmitUnknown"] = "a double bill is for the owner to risk",
        ["Leyden__Container__MaxAttempts"] = "no matter of the deployment",
        ["Leyden__Container__RunTimeout"] = "the default is within the 240 s of Container Apps",
        ["Leyden__Container__HealthTimeout"] = "no matter of the deployment",
        ["Leyden__Routing__"] = "the defaults are those of Container Apps; a test holds the cooldown to WarmTime",
        ["Leyden__Predictions__DefaultDeadline"] = "no matter of the deployment",
        ["Leyden__Predictions__MaxDeadline"] = "no matter of the deployment",
        ["Leyden__Predictions__OutputUrlLifetime"] = "no matter of the deployment",
        ["Leyden__Batches__"] = "no matter of the deployment",
        ["Leyden__Queue__"] = "the default is that of host.json",
        ["Leyden__Outputs__"] = "no matter of the deployment",
        ["Leyden__Storage__ConnectionString"] = "shared keys are off",
        ["Leyden__Storage__AccountName"] = "AzureWebJobsStorage__accountName gives it",
        ["Leyden__Storage__Container"] = "the default is the container that is made",
        ["Leyden__Storage__Folder"] = "the local host's",
        ["Leyden__Webhooks__"] = "receivers are the owner's to name",
        ["Leyden__Events__Queue"] = "the Event Grid topic gets all events",
        ["Leyden__Events__Source"] = "the default is the app's address",
        ["Leyden__Model__Path"] = "the image sets it",
        ["Leyden__Model__ConnectionString"] = "shared keys are off",
        ["Leyden__ModelServer__Slots"] = "one run on a GPU",
        ["Leyden__ModelServer__QueueLength"] =
            "Leyden__Container__MaxConcurrent keeps runs away before they would wait there",
        ["Leyden__ModelServer__BatchSize"] = "not measured on a GPU",
        ["Leyden__ModelServer__Device"] = "there is one GPU",
        ["Leyden__ModelServer__Threads"] = "the GPU does it",
        ["Leyden__ModelServer__StallTime"] = "no matter of the deployment",
        ["Leyden__ModelServer__Recent"] = "no matter of the deployment",
        ["Leyden__ModelServer__MaxWebhooks"] = "the app asks for none",
        ["Leyden__ModelServer__WebhookToken"] = "the app asks for none",
    };

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Every_setting_of_the_app_means_something(string variant)
    {
        var settings = (await Variant.PredictAsync(variant))
            .AppSettings.Keys.Where(s => !OfTheHost.ContainsKey(s))
            .ToList();

        Assert.NotEmpty(settings);
        Assert.All(settings, s => Assert.Contains(KnownSettings.Pattern(s), KnownSettings.App));
    }

    [Theory]
    [MemberData(nameof(ContainerAppTests.WithGpu), MemberType = typeof(ContainerAppTests))]
    public async Task Every_variable_of_the_container_means_something(string variant) =>
        Assert.All(
            (await Variant.PredictAsync(variant)).ContainerSettings.Keys.Where(s => !OfTheHost.ContainsKey(s)),
            s => Assert.Contains(s, KnownSettings.ModelServer)
        );

    [Fact]
    public async Task Every_setting_is_deployed_by_some_variant_or_left_out_for_a_reason()
    {
        var deployed = new HashSet<string>();
        foreach (var variant in Variant.Names)
        {
            var snapshot = await Variant.PredictAsync(variant);
            deployed.UnionWith(snapshot.AppSettings.Keys.Select(KnownSettings.Pattern));
            deployed.UnionWith(snapshot.HasContainer ? snapshot.ContainerSettings.Keys : []);
        }

        var known = KnownSettings.App.Union(KnownSettings.ModelServer).ToList();
        Assert.All(known, s => Assert.True(deployed.Contains(s) ^ LeftOut.Keys.Any(r => IsMeant(r, s)), s));
        Assert.All(LeftOut.Keys, reason => Assert.Contains(known, s => IsMeant(reason, s)));
        Assert.All(OfTheHost.Keys, s => Assert.Contains(s, deployed));
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task The_app_starts_with_its_settings(string variant)
    {
        var snapshot = await Variant.PredictAsync(variant);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(
            snapshot
                .AppSettings.Append(KeyValuePair.Create("WEBSITE_HOSTNAME", "leyden.azurewebsites.net"))
                .Select(s =>
                    KeyValuePair.Create(
                        s.Key.Replace("__", ":", StringComparison.Ordinal),
                        (string?)Resolve(snapshot, s.Value)
                    )
                )
        );
        builder.AddLeyden();
        using var app = builder.Build();

        app.Services.GetRequiredService<IStartupValidator>().Validate();
        FunctionsApp.CheckRoute(app.Services);

        var environment = Variant.Environment(variant);
        var account = (string?)snapshot.Single("Microsoft.Storage/storageAccounts")["name"];
        Assert.Equal(account, Get<StorageOptions>(app).AccountName);
        Assert.Equal(
            environment.GetValueOrDefault("EACHLABS_API_KEY") is null,
            Get<EachlabsOptions>(app).ApiKey is null
        );
        Assert.Equal(environment["LEYDEN_KEYS"].Split(';').Length, Get<AccessOptions>(app).Hashes.Count);
        Assert.StartsWith("https://", Get<EventOptions>(app).EventGridTopic, StringComparison.Ordinal);
        Assert.Equal(
            environment.GetValueOrDefault("LEYDEN_RETENTION_DAYS", "30"),
            $"{Get<PredictionOptions>(app).Retention.Days}"
        );
        var container = Get<ContainerOptions>(app);
        Assert.Equal(snapshot.HasContainer, container.BaseUrl is not null);
        Assert.Equal(environment.GetValueOrDefault("LEYDEN_CONTAINER_KIND", "cog"), container.Image);
        Assert.Equal(environment.GetValueOrDefault("LEYDEN_GPU_MAX_REPLICAS", "1"), $"{container.MaxConcurrent}");
        Assert.Equal(
            environment.GetValueOrDefault("LEYDEN_GPU_PRICE_PER_SECOND", "0"),
            container.PricePerSecond.ToString(System.Globalization.CultureInfo.InvariantCulture)
        );
    }

    [Fact]
    public async Task The_model_server_understands_its_variables()
    {
        var snapshot = await Variant.PredictAsync("a100-public-model-server");
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                snapshot.ContainerSettings.Select(s =>
                    KeyValuePair.Create(
                        s.Key.Replace("__", ":", StringComparison.Ordinal),
                        (string?)Resolve(snapshot, s.Value)
                    )
                )
            )
            .Build();
        var server = configuration.GetSection(ModelServerOptions.Section).Get<ModelServerOptions>()!;
        var model = configuration.GetSection(ModelSourceOptions.Section).Get<ModelSourceOptions>()!;
        var grace = (int)
            snapshot.Single("Microsoft.App/containerApps")["properties"]!["template"]![
                "terminationGracePeriodSeconds"
            ]!;

        Assert.Equal(Diffusion.ExecutionProvider.Cuda, server.ExecutionProvider);
        Assert.Empty(server.Validate(new(server)));
        Assert.InRange(server.StopTime.TotalSeconds, 1, grace - 10);
        model.Path = "/model"; // the image's own variable
        Assert.Empty(model.Validate(new(model)));
        Assert.EndsWith("/models/sdxl-lightning", model.BlobPrefix, StringComparison.Ordinal);
        Assert.NotNull(model.Sha256);
    }

    private static bool IsMeant(string reason, string setting) =>
        reason == setting
        || (reason.EndsWith('_') || reason.EndsWith("Recent", StringComparison.Ordinal))
            && setting.StartsWith(reason, StringComparison.Ordinal);

    // What Azure puts in place of references to the vault, and of what only it knows.
    private static string Resolve(Snapshot snapshot, string value)
    {
        var secret = VaultReference().Match(value);
        if (secret.Success)
        {
            var name = secret.Groups[1].Value;
            var found = snapshot
                .Of("Microsoft.KeyVault/vaults/secrets")
                .Single(s => ((string)s["name"]!).EndsWith($"/{name}", StringComparison.Ordinal));
            var text = (string)found["properties"]!["value"]!;
            return text.StartsWith('[') ? "eachlabs-key" : text;
        }

        return !value.StartsWith('[') ? value
            : value.Contains(".fqdn", StringComparison.Ordinal) ? "https://ca-sdxl.internal.example.com"
            : value.Contains("Microsoft.EventGrid/topics", StringComparison.Ordinal)
                ? "https://leyden.swedencentral-1.eventgrid.azure.net/api/events"
            : value.Contains("suffixes.storage", StringComparison.Ordinal)
                ? $"https://leyden.blob.core.windows.net/models/{Variant.Environment("a100-public-model-server")["LEYDEN_MODEL_FOLDER"]}"
            : "00000000-0000-0000-0000-00000000000d";
    }

    private static T Get<T>(IHost app)
        where T : class => app.Services.GetRequiredService<IOptions<T>>().Value;

    [GeneratedRegex(@"^@Microsoft\.KeyVault\(VaultName=[^;]+;SecretName=([a-z0-9-]+)\)$")]
    private static partial Regex VaultReference();
}
