using DurableTask.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Worker;
using Microsoft.DurableTask.Worker.Shims;
using ParentInstance = DurableTask.Core.ParentInstance;

namespace Leyden.DurableTask.Sqlite.Hosting;

/// <summary>
/// Stands for an orchestrator until its first execution, because the framework asks for the object before it tells who
/// the parent is, and the shim needs the parent at construction.
/// </summary>
internal sealed class OrchestratorProxy(
    TaskName name,
    IDurableTaskFactory factory,
    IServiceProvider services,
    DurableTaskShimFactory shims
) : TaskOrchestration
{
    private TaskOrchestration? _orchestration;
    private ParentOrchestrationInstance? _parent;

    /// <summary>Tells who the parent is; called before the first execution.</summary>
    public void SetParent(ParentInstance parent) =>
        _parent = new ParentOrchestrationInstance(new TaskName(parent.Name), parent.OrchestrationInstance.InstanceId);

    // Asynchronous, so that what goes wrong fails the instance: a synchronous throw would abandon the work item and make
    // the dispatcher pause for all instances.
    public override async Task<string> Execute(OrchestrationContext context, string input)
    {
        if (!factory.TryCreateOrchestrator(name, services, out var orchestrator))
        {
            var failure = UnknownTask.Orchestrator(name);
            throw new global::DurableTask.Core.Exceptions.TaskFailedException(failure.ErrorMessage)
            {
                FailureDetails = failure,
            };
        }

        _orchestration = shims.CreateOrchestration(name, orchestrator, _parent);
        return await _orchestration.Execute(context, input);
    }

    public override void RaiseEvent(OrchestrationContext context, string name, string input) =>
        _orchestration?.RaiseEvent(context, name, input);

    public override string? GetStatus() => _orchestration?.GetStatus();
}
