using System.Runtime.CompilerServices;
using DurableTask.Core;
using Leyden.DurableTask.Sqlite.Tests.Conformance;
using Leyden.DurableTask.Sqlite.Tests.Hosting;
using Leyden.TestSupport;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.DurableTask.Sqlite.Tests.Replay;

/// <summary>
/// Histories that were recorded once, replayed by the orchestrators of today. With <c>LEYDEN_RECORD_HISTORIES=1</c> in the
/// environment the runs of <see cref="What_runs_today_replays_today"/> replace the files.
/// </summary>
public sealed class ReplayTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("order.json", typeof(OrderOrchestrator))]
    [InlineData("order-charged-twice.json", typeof(OrderOrchestrator))]
    [InlineData("shipping.json", typeof(ShippingOrchestrator))]
    [InlineData("approval.json", typeof(ApprovalOrchestrator))]
    [InlineData("approval-open.json", typeof(ApprovalOrchestrator))]
    public async Task A_recorded_history_replays(string file, Type orchestrator)
    {
        var history = await RecordedHistory.LoadAsync(Golden(file), Cancelled);

        HistoryReplayer.Replay((ITaskOrchestrator)Activator.CreateInstance(orchestrator)!, history);
    }

    [Fact]
    public async Task A_history_of_another_order_of_calls_is_refused_with_a_message_that_says_what_to_do()
    {
        var history = await RecordedHistory.LoadAsync(Golden("order-former.json"), Cancelled);

        var refused = Assert.Throws<HistoryMismatchException>(() => HistoryReplayer.Replay<OrderOrchestrator>(history));

        Assert.Contains(
            "OrderOrchestrator no longer replays order-former.json",
            refused.Message,
            StringComparison.Ordinal
        );
        Assert.Contains(nameof(Charge), refused.Difference, StringComparison.Ordinal);
        Assert.Contains(nameof(Reserve), refused.Difference, StringComparison.Ordinal);
        HistoryReplayer.Replay<FormerOrderOrchestrator>(history);
    }

    [Theory]
    [InlineData(typeof(CallsOneMore), "It also wants to call activity 'Ship'.")]
    [InlineData(typeof(CallsOneLess), "Non-Deterministic workflow detected")]
    [InlineData(typeof(AnswersOtherwise), "It ends otherwise: Completed \"nothing\". Recorded: Completed \"2 cups\".")]
    [InlineData(typeof(FailsInTheEnd), "It ends otherwise: Failed changed its mind. Recorded: Completed \"2 cups\".")]
    [InlineData(typeof(SleepsInstead), "Non-Deterministic workflow detected")]
    [InlineData(typeof(WaitsInTheEnd), "It waits for something where the recorded instance had ended.")]
    public async Task Every_kind_of_change_is_found(Type changed, string difference)
    {
        var history = await RecordedHistory.LoadAsync(Golden("order-former.json"), Cancelled);
        var orchestrator = (ITaskOrchestrator)Activator.CreateInstance(changed)!;

        var refused = Assert.Throws<HistoryMismatchException>(() => HistoryReplayer.Replay(orchestrator, history));

        Assert.Contains(difference, refused.Difference, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_where_the_recorded_instance_went_on_is_found()
    {
        var history = await RecordedHistory.LoadAsync(Golden("approval-open.json"), Cancelled);

        var refused = Assert.Throws<HistoryMismatchException>(() => HistoryReplayer.Replay<DoesNotWait>(history));

        Assert.Equal("It ends (Completed true) where the recorded instance went on.", refused.Difference);
    }

    [Fact]
    public async Task What_runs_today_replays_today()
    {
        await using var host = await SqliteHost.StartAsync(
            _folder.Path,
            Register,
            services => services.AddSingleton<Attempts>()
        );
        var engine = host.Services.GetRequiredService<IOrchestrationServiceClient>();

        await RunAsync(host, "sound", nameof(OrderOrchestrator), new Order("cups", 2));
        await RunAsync(host, "flaky", nameof(OrderOrchestrator), new Order("cups", 2));
        await RunAsync(host, "former", nameof(FormerOrderOrchestrator), new Order("cups", 2));
        await RunAsync(host, "shipping", nameof(ShippingOrchestrator), "2 cups");
        await StartAsync(host, "open", nameof(ApprovalOrchestrator), "somebody");
        await StartAsync(host, "approval", nameof(ApprovalOrchestrator), "somebody");
        await host.Client.WaitForInstanceStartAsync("open", Cancelled);
        await host.Client.RaiseEventAsync("approval", "approval", true, Cancelled);
        await host.Client.WaitForInstanceCompletionAsync("approval", Cancelled);

        HistoryReplayer.Replay<OrderOrchestrator>(await RecordAsync(engine, "sound", "order.json"));
        HistoryReplayer.Replay<OrderOrchestrator>(await RecordAsync(engine, "flaky", "order-charged-twice.json"));
        HistoryReplayer.Replay<FormerOrderOrchestrator>(await RecordAsync(engine, "former", "order-former.json"));
        HistoryReplayer.Replay<ShippingOrchestrator>(await RecordAsync(engine, "shipping", "shipping.json"));
        HistoryReplayer.Replay<ApprovalOrchestrator>(await RecordAsync(engine, "approval", "approval.json"));
        HistoryReplayer.Replay<ApprovalOrchestrator>(await RecordAsync(engine, "open", "approval-open.json"));
    }

    [Fact]
    public async Task A_recording_has_no_stack_traces_and_no_paths()
    {
        var history = await RecordedHistory.LoadAsync(Golden("order-charged-twice.json"), Cancelled);

        Assert.Contains("The bank did not answer.", history.Json, StringComparison.Ordinal);
        Assert.DoesNotContain("StackTrace", history.Json, StringComparison.Ordinal);
        Assert.DoesNotContain(".cs", history.Json, StringComparison.Ordinal);
    }

    private static void Register(DurableTaskRegistry registry) =>
        registry
            .AddOrchestrator<OrderOrchestrator>()
            .AddOrchestrator<FormerOrderOrchestrator>()
            .AddOrchestrator<ShippingOrchestrator>()
            .AddOrchestrator<ApprovalOrchestrator>()
            .AddActivity<Reserve>()
            .AddActivity<Charge>()
            .AddActivity<Ship>();

    private static Task<string> StartAsync(SqliteHost host, string id, string name, object input) =>
        host.Client.ScheduleNewOrchestrationInstanceAsync(name, input, new StartOrchestrationOptions(id), Cancelled);

    private static async Task RunAsync(SqliteHost host, string id, string name, object input)
    {
        await StartAsync(host, id, name, input);
        await host.Client.WaitForInstanceCompletionAsync(id, Cancelled);
    }

    private static async Task<RecordedHistory> RecordAsync(IOrchestrationServiceClient engine, string id, string file)
    {
        var history = await RecordedHistory.OfAsync(engine, id);
        if (Environment.GetEnvironmentVariable("LEYDEN_RECORD_HISTORIES") == "1")
        {
            await history.SaveAsync(Golden(file), Cancelled);
        }

        return history;
    }

    private static string Golden(string file, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "Histories", file);
}
