using System.Text.Json;
using DurableTask.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Leyden.DurableTask.Sqlite.Hosting;

/// <summary>Runs Microsoft.DurableTask classes on a Durable Task Framework engine, in this process.</summary>
public static class DurableTaskBuilderExtensions
{
    /// <summary>
    /// The worker takes its work from the <see cref="IOrchestrationService"/> that is registered as a service. How much
    /// runs at once is the engine's setting, not <see cref="DurableTaskWorkerOptions.Concurrency"/>.
    /// </summary>
    /// <remarks>
    /// <para>Each activity call has a dependency-injection scope of its own. Orchestrators are given no services, in any
    /// host: they are to be deterministic.</para>
    /// <para>Orchestrations of every version are taken; each sees its own in its context. A task that is registered in several versions, and
    /// <see cref="DurableTaskWorkerOptions.VersioningOptions.MatchStrategy"/>, are refused at start. Entities are not
    /// supported.</para>
    /// </remarks>
    public static IDurableTaskWorkerBuilder UseOrchestrationService(this IDurableTaskWorkerBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseBuildTarget<OrchestrationServiceWorker>();
    }

    /// <summary>
    /// The client talks to the <see cref="IOrchestrationServiceClient"/> that is registered as a service: see
    /// <see cref="OrchestrationServiceDurableTaskClient"/> for what differs from other clients.
    /// </summary>
    public static IDurableTaskClientBuilder UseOrchestrationService(this IDurableTaskClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.UseBuildTarget<OrchestrationServiceDurableTaskClient>();
    }

    /// <summary>
    /// Sets how inputs, outputs, events and custom statuses become JSON, for all workers and clients of these services.
    /// The default is <see cref="JsonDataConverter.Default"/>. Give other hosts of the same orchestrations (the worker of
    /// Azure Functions: <c>WorkerOptions.Serializer</c>) the same options, and keep them while instances run.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">Not to be changed afterwards.</param>
    public static IServiceCollection AddDurableTaskJson(this IServiceCollection services, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        return services.AddSingleton<DataConverter>(new JsonDataConverter(options));
    }
}
