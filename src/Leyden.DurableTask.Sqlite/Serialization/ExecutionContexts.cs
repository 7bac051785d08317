using System.Runtime.CompilerServices;
using DurableTask.Core;

namespace Leyden.DurableTask.Sqlite;

/// <summary>Restores <see cref="OrchestrationExecutionContext"/>, whose only property Core lets nobody else set.</summary>
internal static class ExecutionContexts
{
    public static OrchestrationExecutionContext Create(IDictionary<string, string> tags)
    {
        var context = new OrchestrationExecutionContext();
        SetTags(context, tags);
        return context;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_OrchestrationTags")]
    private static extern void SetTags(OrchestrationExecutionContext context, IDictionary<string, string> tags);
}
