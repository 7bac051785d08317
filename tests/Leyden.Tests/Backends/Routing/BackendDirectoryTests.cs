using System.Text.Json.Nodes;
using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Telemetry;
using Leyden.Tests.Orchestration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Leyden.Tests.Backends.Routing;

public sealed class BackendDirectoryTests
{
    private readonly ScriptedBackend _hosted = new();
    private readonly ScriptedRunner _container = new();
    private readonly ScriptedRunner _standIn = new() { Name = "built-in", StandsIn = true };

    [Fact]
    public void Auto_prefers_the_container_and_leaves_the_choice_open()
    {
        var (chosen, isOpen, error) = Route(Directory(), null);

        Assert.Null(error);
        Assert.Equal(("runner", true), (chosen, isOpen));
    }

    [Fact]
    public void What_is_named_is_final()
    {
        var (chosen, isOpen, _) = Route(Directory(), "scripted");

        Assert.Equal(("scripted", false), (chosen, isOpen));
        Assert.Equal(("scripted", false, null), Route(Directory("scripted"), "auto"));
        Assert.Contains("one of auto, scripted", Route(Directory(), "elsewhere").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backend_that_is_not_configured_or_stands_in_is_no_choice()
    {
        _hosted.IsConfigured = false;
        var directory = Directory();

        Assert.Equal(("runner", false, null), Route(directory, null));
        Assert.Equal(["runner"], directory.Names);
    }

    [Fact]
    public void The_stand_in_runs_what_nobody_else_is_there_for()
    {
        var directory = new BackendDirectory([_standIn], Options.Create(new RoutingOptions()), Metrics());

        Assert.Equal(("built-in", false, null), Route(directory, null));
    }

    [Fact]
    public void What_a_backend_can_not_run_goes_to_another_or_is_refused_by_its_field()
    {
        _hosted.Unsupported = new InputError("scheduler", "scheduler is not for this one.");

        Assert.Equal(("runner", false, null), Route(Directory(), null));
        Assert.Equal("scheduler is not for this one.", Route(Directory(), "scripted").Error);
    }

    private static (string? Chosen, bool IsOpen, string? Error) Route(BackendDirectory directory, string? requested)
    {
        directory.TryRoute(
            requested,
            SdxlLightningInput.Model,
            new JsonObject(),
            out var chosen,
            out var isOpen,
            out var error
        );
        return (chosen?.Name, isOpen, error?.Message);
    }

    private BackendDirectory Directory(string preferred = RoutingOptions.Auto) =>
        new([_hosted, _container, _standIn], Options.Create(new RoutingOptions { Backend = preferred }), Metrics());

    private static LeydenMetrics Metrics() =>
        ActivatorUtilities.CreateInstance<LeydenMetrics>(new ServiceCollection().AddMetrics().BuildServiceProvider());
}
