using DurableTask.Core;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

public sealed class OrchestrationTests
{
    [Fact]
    public async Task Three_activities_in_sequence_complete_with_their_result()
    {
        await using var engine = await new EngineHarness()
            .Orchestration(
                "three",
                async (context, input) =>
                {
                    var text = input ?? "";
                    for (var i = 0; i < 3; i++)
                    {
                        text = await context.ScheduleTask<string>("append", "", text);
                    }

                    return text;
                }
            )
            .Activity("append", input => Task.FromResult<string?>(input + "x"))
            .StartAsync();

        var state = await engine.CompleteAsync("three", "a");

        Assert.Equal(OrchestrationStatus.Completed, state.OrchestrationStatus);
        Assert.Equal("axxx", Payload.Text(state.Output));
    }
}
