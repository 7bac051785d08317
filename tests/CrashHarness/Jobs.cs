using System.Security.Cryptography;
using DurableTask.Core;

namespace Leyden.CrashHarness;

/// <summary>What a job carries from one generation to the next.</summary>
internal sealed record JobState(int Number, int Generation, List<string> Tokens, string? Go);

/// <summary>
/// A job in two generations: an activity and a timer; then, after ContinueAsNew, an event (which mostly arrives during the first), a
/// sub-orchestration, and a fan-out. Its output lists the token of each activity execution whose result counted.
/// </summary>
internal sealed class Job : TaskOrchestration<List<string>, JobState, string, string>
{
    private readonly TaskCompletionSource<string> _go = new();

    public override async Task<List<string>> RunTask(OrchestrationContext context, JobState input)
    {
        var id = $"job-{input.Number}";
        var tokens = input.Tokens;
        if (input.Generation == 0)
        {
            tokens.Add(await context.ScheduleTask<string>(typeof(Effect), $"{id}/first"));
            var pause = TimeSpan.FromMilliseconds(20 + (input.Number % 10 * 30));
            await context.CreateTimer(context.CurrentUtcDateTime + pause, true);
            // Core gives an event to the generation that is current when it arrives: what that one has not used it must hand on.
            context.ContinueAsNew(input with { Generation = 1, Go = _go.Task.IsCompleted ? await _go.Task : null });
            return tokens;
        }

        tokens.Add("event:" + (input.Go ?? await _go.Task));
        tokens.AddRange(await context.CreateSubOrchestrationInstance<List<string>>(typeof(Child), $"{id}-child", id));
        var parts = Enumerable.Range(0, 3).Select(i => context.ScheduleTask<string>(typeof(Effect), $"{id}/part-{i}"));
        tokens.AddRange(await Task.WhenAll(parts));
        return tokens;
    }

    public override void OnEvent(OrchestrationContext context, string name, string input) => _go.TrySetResult(input);
}

internal sealed class Child : TaskOrchestration<List<string>, string>
{
    public override async Task<List<string>> RunTask(OrchestrationContext context, string input)
    {
        var before = await context.ScheduleTask<string>(typeof(Effect), $"{input}/child-before");
        await context.CreateTimer(context.CurrentUtcDateTime.AddMilliseconds(50), true);
        var after = await context.ScheduleTask<string>(typeof(Effect), $"{input}/child-after");
        return [before, after];
    }
}

/// <summary>Leaves a line with a token of its own per execution, and returns it.</summary>
internal sealed class Effect(AppendOnlyFile effects) : TaskActivity<string, string>
{
    protected override string Execute(TaskContext context, string input)
    {
        var token = $"{input}:{RandomNumberGenerator.GetHexString(16)}";
        effects.Add(token);
        return token;
    }
}

internal sealed class EffectCreator : ObjectCreator<TaskActivity>
{
    private readonly AppendOnlyFile _effects;

    public EffectCreator(AppendOnlyFile effects)
    {
        _effects = effects;
        Name = NameVersionHelper.GetDefaultName(typeof(Effect));
        Version = NameVersionHelper.GetDefaultVersion(typeof(Effect));
    }

    public override TaskActivity Create() => new Effect(_effects);
}
