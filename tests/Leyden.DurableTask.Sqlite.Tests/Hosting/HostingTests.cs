using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using DurableTask.Core.History;
using Leyden.DurableTask.Sqlite.Hosting;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.DurableTask.Sqlite.Tests.Hosting;

public sealed class HostingTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_instance_goes_on_in_the_next_host_on_the_same_file()
    {
        string id;
        await using (var first = await SqliteHost.StartAsync(_folder.Path, Register))
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync(nameof(WaitsForColor), Cancelled);
            await first.Client.WaitForInstanceStartAsync(id, Cancelled);
        }

        await using var second = await SqliteHost.StartAsync(_folder.Path, Register);
        await second.Client.RaiseEventAsync(id, "color", new Paint(Color.Red, 1), Cancelled);
        var ended = await second.Client.WaitForInstanceCompletionAsync(id, true, Cancelled);

        Assert.Equal(new Paint(Color.Red, 2), ended.ReadOutputAs<Paint>());
    }

    [Fact]
    public async Task Configured_json_is_used_for_everything_that_is_stored()
    {
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        };
        await using var host = await SqliteHost.StartAsync(
            _folder.Path,
            Register,
            services => services.AddDurableTaskJson(json)
        );

        var id = await host.Client.ScheduleNewOrchestrationInstanceAsync(
            nameof(WaitsForColor),
            new Paint(Color.Green, 0),
            Cancelled
        );
        await host.Client.RaiseEventAsync(id, "color", new Paint(Color.Red, 1), Cancelled);
        var ended = await host.Client.WaitForInstanceCompletionAsync(id, true, Cancelled);
        var history = await host.Client.GetOrchestrationHistoryAsync(id, Cancelled);

        Assert.Equal("""{"color":"green","coats":0}""", ended.SerializedInput);
        Assert.Equal("""{"color":"red","coats":2}""", ended.SerializedOutput);
        Assert.Equal("""{"color":"red","coats":1}""", ended.SerializedCustomStatus);
        Assert.Equal("""{"color":"red","coats":1}""", history.OfType<EventRaisedEvent>().Single().Input);
        Assert.Equal("""{"color":"red","coats":2}""", history.OfType<TaskCompletedEvent>().Single().Result);
    }

    [Fact]
    public async Task Stopping_lets_the_activities_in_hand_finish()
    {
        var gate = new Gate();
        await using var host = await SqliteHost.StartAsync(_folder.Path, Register, gate.AddTo);
        var id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(PassesGate), Cancelled);
        await gate.Entered.WaitAsync(Cancelled);

        var stopping = host.StopAsync(Cancelled);
        gate.Open();
        await stopping;

        // The result arrived before the stop; the orchestrator takes it up in the next run.
        var history = await host.Client.GetOrchestrationHistoryAsync(id, Cancelled);
        Assert.Single(history.OfType<TaskScheduledEvent>());
        await host.DisposeAsync();
        await using var next = await SqliteHost.StartAsync(_folder.Path, Register, gate.AddTo);
        await next.Client.WaitForInstanceCompletionAsync(id, Cancelled);
        Assert.Equal(1, gate.Passed);
    }

    [Fact]
    public async Task Stopping_does_not_wait_longer_than_it_may_for_an_activity_that_hangs()
    {
        var gate = new Gate();
        await using var host = await SqliteHost.StartAsync(_folder.Path, Register, gate.AddTo);
        await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(PassesGate), Cancelled);
        await gate.Entered.WaitAsync(Cancelled);

        await host.StopAsync(new CancellationToken(canceled: true));

        Assert.Equal(0, gate.Passed);
        gate.Open();
    }

    [Fact]
    public async Task An_orchestrator_that_cannot_be_made_fails_its_instance_and_no_other()
    {
        await using var host = await SqliteHost.StartAsync(_folder.Path, Register);
        var broken = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(CannotBeMade), Cancelled);
        var sound = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(TellsVersionOnly), Cancelled);

        var ended = await host.Client.WaitForInstanceCompletionAsync(broken, Cancelled);
        var other = await host.Client.WaitForInstanceCompletionAsync(sound, Cancelled);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, ended.RuntimeStatus);
        Assert.Contains("no such thing", ended.FailureDetails?.InnerFailure?.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, other.RuntimeStatus);
    }

    [Fact]
    public async Task The_clients_default_version_is_used_when_a_start_names_none()
    {
        await using var host = await SqliteHost.StartAsync(
            _folder.Path,
            Register,
            services => services.AddDurableTaskClient().Configure(options => options.DefaultVersion = "7.0")
        );
        var id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(TellsVersionOnly), Cancelled);

        var ended = await host.Client.WaitForInstanceCompletionAsync(id, true, Cancelled);

        Assert.Equal("7.0", ended.ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_start_carries_the_trace_of_its_caller()
    {
        await using var host = await SqliteHost.StartAsync(_folder.Path, Register);
        using var activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        var id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(TellsVersionOnly), Cancelled);
        await host.Client.WaitForInstanceCompletionAsync(id, Cancelled);

        var history = await host.Client.GetOrchestrationHistoryAsync(id, Cancelled);

        var started = history.OfType<ExecutionStartedEvent>().Single();
        Assert.Contains($"{activity.TraceId}", started.ParentTraceContext?.TraceParent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_is_registered_in_two_versions_is_refused_at_start()
    {
        using var host = SqliteHost.Build(
            _folder.Path,
            registry => registry.AddOrchestrator<FirstVersion>().AddOrchestrator<SecondVersion>()
        );

        var refused = await Assert.ThrowsAsync<NotSupportedException>(() => host.StartAsync(Cancelled));

        Assert.Contains("Versioned", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Matching_of_versions_is_refused_at_start()
    {
        using var host = SqliteHost.Build(
            _folder.Path,
            Register,
            services =>
                services
                    .AddDurableTaskWorker()
                    .UseVersioning(
                        new DurableTaskWorkerOptions.VersioningOptions
                        {
                            Version = "1.0",
                            MatchStrategy = DurableTaskWorkerOptions.VersionMatchStrategy.Strict,
                        }
                    )
        );

        await Assert.ThrowsAsync<NotSupportedException>(() => host.StartAsync(Cancelled));
    }

    private static void Register(DurableTaskRegistry registry) =>
        registry
            .AddOrchestrator<WaitsForColor>()
            .AddOrchestrator<PassesGate>()
            .AddOrchestrator<CannotBeMade>()
            .AddOrchestrator<TellsVersionOnly>()
            .AddActivity<AddCoat>()
            .AddActivity<GateActivity>();
}
