using System.Text.Json.Nodes;
using Leyden.Net;
using Leyden.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Leyden.Functions.Tests;

/// <summary>What the app makes of the settings that Azure, the tools for development and people give it.</summary>
public sealed class SettingsTests
{
    private const string Development = "UseDevelopmentStorage=true";

    [Fact]
    public void The_sample_of_the_local_settings_starts_the_app()
    {
        var sample = JsonNode.Parse(File.ReadAllText(Path.Combine(BuiltApp.Repository, "local.settings.sample.json")))!;
        var values = sample["Values"]!.AsObject().Select(v => (v.Key, (string?)v.Value)).ToArray();

        using var app = Compose(values);
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        FunctionsApp.CheckRoute(app.Services);

        Assert.Equal(Development, Get<StorageOptions>(app).ConnectionString);
        Assert.Contains(("FUNCTIONS_WORKER_RUNTIME", (string?)"dotnet-isolated"), values);
    }

    [Fact]
    public void Records_go_to_the_storage_account_of_the_host_by_its_identity()
    {
        using var app = Compose(("AzureWebJobsStorage__accountName", "leydenstorage"));

        Assert.Equal("leydenstorage", Get<StorageOptions>(app).AccountName);
        Assert.Null(Get<StorageOptions>(app).ConnectionString);
    }

    [Fact]
    public void Records_go_elsewhere_when_that_is_set()
    {
        using var app = Compose(
            ("AzureWebJobsStorage", Development),
            ("Leyden__Storage__AccountName", "leydenrecords")
        );

        Assert.Equal("leydenrecords", Get<StorageOptions>(app).AccountName);
        Assert.Null(Get<StorageOptions>(app).ConnectionString);
    }

    [Theory]
    [InlineData("leyden.azurewebsites.net", null, "https://leyden.azurewebsites.net")]
    [InlineData("leyden.azurewebsites.net", "https://pictures.example.com", "https://pictures.example.com")]
    [InlineData("localhost:7071", null, null)]
    [InlineData(null, null, null)]
    public void The_address_is_the_one_that_Azure_gives_unless_another_is_set(
        string? host,
        string? configured,
        string? expected
    )
    {
        using var app = Compose(
            ("AzureWebJobsStorage", Development),
            ("WEBSITE_HOSTNAME", host),
            ("Leyden__PublicBaseUrl", configured)
        );

        Assert.Equal(expected, Get<PublicAddressOptions>(app).PublicBaseUrl);
    }

    [Theory]
    [InlineData("leyden.azurewebsites.net", true)]
    [InlineData("localhost:7071", false)]
    [InlineData("127.0.0.1:7071", false)]
    public void Without_keys_the_app_does_not_start_where_the_internet_reaches_it(string host, bool isRefused)
    {
        using var app = Compose(("AzureWebJobsStorage", Development), ("WEBSITE_HOSTNAME", host));
        var validator = app.Services.GetRequiredService<IStartupValidator>();

        if (!isRefused)
        {
            validator.Validate();
            return;
        }

        var fault = Assert.Throws<OptionsValidationException>(validator.Validate);
        Assert.Equal(
            "No keys are set, so that anybody on the internet could call: set Leyden__Keys__NAME to the hash that leyden keys new NAME prints.",
            SettingFaults.Explain(fault)
        );
    }

    [Fact]
    public void Without_any_storage_the_app_does_not_start()
    {
        using var app = Compose();

        var fault = Assert.Throws<OptionsValidationException>(
            app.Services.GetRequiredService<IStartupValidator>().Validate
        );

        Assert.Contains("Leyden:Storage", SettingFaults.Explain(fault), StringComparison.Ordinal);
    }

    private static IHost Compose(params (string Name, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(
            settings
                .Append(("Leyden__Eachlabs__ApiKey", "key"))
                .DistinctBy(s => s.Item1)
                .Where(s => s.Item2 is not null)
                .Select(s => KeyValuePair.Create(s.Item1.Replace("__", ":", StringComparison.Ordinal), s.Item2))
        );
        builder.AddLeyden();
        return builder.Build();
    }

    private static T Get<T>(IHost app)
        where T : class => app.Services.GetRequiredService<IOptions<T>>().Value;
}
