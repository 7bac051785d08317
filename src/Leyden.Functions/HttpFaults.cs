using Leyden.Api;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Leyden.Functions;

/// <summary>
/// Answers requests that failed before they came to the door (a binding that could not be made): the host itself would answer with an
/// empty 500. What fails in other triggers goes on to the host, which repeats and records it.
/// </summary>
internal sealed class HttpFaults(ApiGate gate) : IFunctionsWorkerMiddleware
{
    /// <inheritdoc/>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (context.GetHttpContext() is { Response.HasStarted: false })
        {
            var request = context.GetHttpContext()!;
            context.GetInvocationResult().Value = gate.Fault(context.FunctionDefinition.Name, e, request);
        }
    }
}
