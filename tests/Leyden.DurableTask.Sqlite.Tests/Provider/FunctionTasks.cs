using DurableTask.Core;
using Newtonsoft.Json;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

/// <summary>An orchestration given as a function over strings; events are awaited by name.</summary>
internal sealed class FunctionOrchestration(Func<OrchestrationContext, string?, Task<string?>> body)
    : TaskOrchestration<string?, string?, string, string>
{
    private readonly Dictionary<string, Queue<string>> _arrived = [];
    private readonly Dictionary<string, Queue<TaskCompletionSource<string>>> _waiting = [];

    public string? CustomStatus { get; set; }

    private static readonly AsyncLocal<FunctionOrchestration?> Current = new();

    /// <summary>The next event of a name, whether it has arrived already or will.</summary>
    public static Task<string> Event(string name)
    {
        var self = Current.Value!;
        if (self._arrived.TryGetValue(name, out var arrived) && arrived.TryDequeue(out var value))
        {
            return Task.FromResult(value);
        }

        var waiter = new TaskCompletionSource<string>();
        (self._waiting.TryGetValue(name, out var queue) ? queue : self._waiting[name] = new()).Enqueue(waiter);
        return waiter.Task;
    }

    public static void SetStatus(string status) => Current.Value!.CustomStatus = status;

    public override Task<string?> RunTask(OrchestrationContext context, string? input)
    {
        Current.Value = this;
        return body(context, input);
    }

    public override void OnEvent(OrchestrationContext context, string name, string input)
    {
        if (_waiting.TryGetValue(name, out var waiting) && waiting.TryDequeue(out var waiter))
        {
            waiter.SetResult(input);
        }
        else
        {
            (_arrived.TryGetValue(name, out var queue) ? queue : _arrived[name] = new()).Enqueue(input);
        }
    }

    public override string OnGetStatus() => CustomStatus!;
}

/// <summary>An activity given as a function over strings.</summary>
internal sealed class FunctionActivity(Func<string?, Task<string?>> body) : AsyncTaskActivity<string?, string?>
{
    protected override Task<string?> ExecuteAsync(TaskContext context, string? input) => body(input);
}

/// <summary>Payloads are strings as Core's default converter writes them.</summary>
internal static class Payload
{
    public static string Text(string json) => JsonConvert.DeserializeObject<string>(json)!;
}
