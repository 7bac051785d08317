using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Leyden.DurableTask.Sqlite.Tests.Conformance;

public abstract class PayloadConformance<TEngine>(EngineHosts hosts) : Suite<TEngine>(hosts)
    where TEngine : Engine
{
    private static readonly Parcel Sample = new(
        "ünïcode ☃ \"quoted\" \\ \n \u2028 <script>",
        12.5000m,
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(2)),
        TimeSpan.FromTicks(1),
        Guid.Parse("8f6f5a5e-7c7b-4d59-9d4c-0f6f1a1b2c3d"),
        Weight.Heavy,
        ["a", "", "b"],
        new Dictionary<string, long> { ["max"] = long.MaxValue, ["min"] = long.MinValue },
        null
    );

    [Fact]
    public async Task Records_keep_every_value_through_inputs_activities_events_and_outputs()
    {
        var id = await StartAsync<ForwardsParcel>(Sample);
        await RaiseAsync(id, "parcel", Sample);

        var ended = await EndAsync(id);

        foreach (var parcel in Output<Parcel[]>(ended).Append(ended.ReadInputAs<Parcel>()!))
        {
            Assert.Equivalent(Sample, parcel, strict: true);
            Assert.Equal(Sample.Price.ToString(null, null), parcel.Price.ToString(null, null));
        }
    }

    [Fact]
    public async Task Nothing_is_a_value_too()
    {
        var ended = await RunAsync<ForwardsText>(null);

        Assert.Equal(OrchestrationRuntimeStatus.Completed, ended.RuntimeStatus);
        Assert.Null(ended.ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_empty_text_is_not_nothing()
    {
        Assert.Equal("", await OutputAsync<ForwardsText, string>(""));
    }

    [Fact]
    public async Task Payloads_of_200_kB_go_through()
    {
        var large = string.Concat(Enumerable.Repeat("0123456789abcdé☃", 200 * 1024 / 16));

        var id = await StartAsync<ForwardsLarge>(large);
        await RaiseAsync(id, "large", large);
        var ended = await EndAsync(id);

        Assert.Equal(large, Output<string>(ended));
        Assert.Equal(large, ended.ReadInputAs<string>());
    }

    [Fact]
    public async Task The_version_of_a_start_is_seen_by_its_orchestrator()
    {
        var versioned = await OutputAsync<TellsVersion, string>(
            null,
            new StartOrchestrationOptions { Version = "2.1" }
        );
        var unversioned = await OutputAsync<TellsVersion, string>();

        Assert.Equal("2.1, child 3.0", versioned);
        Assert.Equal(", child 3.0", unversioned);
    }

    [Fact]
    public async Task A_generation_may_continue_in_another_version()
    {
        var options = new StartOrchestrationOptions { Version = "1.0" };

        Assert.Equal("2.0", await OutputAsync<MovesToVersionTwo, string>(null, options));
    }

    [Fact]
    public async Task Tags_of_a_start_are_kept()
    {
        var tags = new Dictionary<string, string> { ["owner"] = "ünï", ["empty"] = "" };

        var ended = await RunAsync<Clock>(null, new StartOrchestrationOptions { Tags = tags });

        foreach (var (key, value) in tags)
        {
            Assert.Equal(value, Assert.Contains(key, ended.Tags));
        }
    }
}

public sealed class PayloadsOnSqlite(EngineHosts hosts) : PayloadConformance<SqliteEngine>(hosts);

public sealed class PayloadsInMemory(EngineHosts hosts) : PayloadConformance<InMemoryEngine>(hosts);

public sealed class PayloadsOnAzureStorage(EngineHosts hosts) : PayloadConformance<AzureStorageEngine>(hosts);

internal enum Weight
{
    Light,
    Heavy,
}

internal sealed record Parcel(
    string Text,
    decimal Price,
    DateTimeOffset At,
    TimeSpan Span,
    Guid Id,
    Weight Weight,
    List<string> Labels,
    Dictionary<string, long> Numbers,
    Parcel? Inner
);

internal sealed class EchoParcel : TaskActivity<Parcel, Parcel>
{
    public override Task<Parcel> RunAsync(TaskActivityContext context, Parcel input) => Task.FromResult(input);
}

internal sealed class ForwardsParcel : TaskOrchestrator<Parcel, Parcel[]>
{
    public override async Task<Parcel[]> RunAsync(TaskOrchestrationContext context, Parcel input)
    {
        var echoed = await context.CallActivityAsync<Parcel>(nameof(EchoParcel), input);
        var raised = await context.WaitForExternalEvent<Parcel>("parcel", CancellationToken.None);
        return [input, echoed, raised];
    }
}

internal sealed class ForwardsText : TaskOrchestrator<string?, string?>
{
    public override Task<string?> RunAsync(TaskOrchestrationContext context, string? input) =>
        context.CallActivityAsync<string?>(nameof(EchoText), input);
}

internal sealed class ForwardsLarge : TaskOrchestrator<string, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, string input)
    {
        var echoed = await context.CallActivityAsync<string>(nameof(EchoText), input);
        var child = await context.CallSubOrchestratorAsync<string>(nameof(ForwardsText), input);
        var raised = await context.WaitForExternalEvent<string>("large", CancellationToken.None);
        return echoed == raised && child == raised ? raised : "they differ";
    }
}

internal sealed class TellsVersion : TaskOrchestrator<bool, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, bool input)
    {
        if (input)
        {
            return context.Version;
        }

        var options = new SubOrchestrationOptions { Version = "3.0" };
        var child = await context.CallSubOrchestratorAsync<string>(nameof(TellsVersion), true, options);
        return $"{context.Version}, child {child}";
    }
}

internal sealed class MovesToVersionTwo : TaskOrchestrator<object?, string>
{
    public override async Task<string> RunAsync(TaskOrchestrationContext context, object? input)
    {
        await context.CallActivityAsync<int>(nameof(Increment), 1);
        if (context.Version == "1.0")
        {
            context.ContinueAsNew(new ContinueAsNewOptions { NewVersion = "2.0" });
        }

        return context.Version;
    }
}
