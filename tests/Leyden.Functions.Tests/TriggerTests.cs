using System.Reflection;
using System.Text.Json.Nodes;
using Leyden.Api;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Leyden.Functions.Tests;

/// <summary>
/// Holds what the build tells the Functions host to the tables of the shared code: routes, orchestrators and activities are written down
/// once more in the app, as triggers, and may not drift.
/// </summary>
public sealed class TriggerTests
{
    /// <summary>The functions that no table of the shared code names.</summary>
    private static readonly string[] Own =
    [
        "HealPredictions: timerTrigger 0 * * * * *, durableClient",
        "DeleteOldPredictions: timerTrigger 0 7 * * * *",
        "ForgetOrchestrations: timerTrigger 0 37 * * * *, durableClient",
        "TakeMessage: queueTrigger leyden-predictions, durableClient",
    ];

    [Fact]
    public void The_app_has_exactly_the_routes_tasks_timers_and_queues_that_it_should()
    {
        var tasks = Tasks();
        var expected = ApiRoutes
            .All.Select(route =>
                $"{route.Name}: httpTrigger Anonymous {string.Join('|', route.Methods.Select(m => m.ToLowerInvariant()).Order())} {route.Pattern}, durableClient, http"
            )
            .Concat(tasks.GetOrchestrators().Select(task => $"{task.Key}: orchestrationTrigger"))
            .Concat(tasks.GetActivities().Select(task => $"{task.Key}: activityTrigger"))
            .Concat(Own);

        Assert.Equal(expected.Order(), BuiltApp.Functions.Select(Describe).Order());
    }

    [Fact]
    public void Each_function_runs_in_the_app()
    {
        Assert.All(
            BuiltApp.Functions,
            function =>
            {
                Assert.Equal("dotnet-isolated", (string?)function["language"]);
                Assert.Equal("Leyden.Functions.dll", (string?)function["scriptFile"]);
                var entryPoint = (string)function["entryPoint"]!;
                var type = typeof(FunctionsApp).Assembly.GetType(entryPoint[..entryPoint.LastIndexOf('.')]);
                Assert.NotNull(type?.GetMethod(entryPoint[(entryPoint.LastIndexOf('.') + 1)..]));
            }
        );
    }

    [Fact]
    public void Each_route_is_served_by_its_own_handler()
    {
        var byName = typeof(FunctionsApp)
            .Assembly.GetExportedTypes()
            .SelectMany(t => t.GetMethods())
            .Where(m => m.IsDefined(typeof(FunctionAttribute)))
            .ToDictionary(m => m.GetCustomAttribute<FunctionAttribute>()!.Name);

        // The one text in a trigger's code is the name under which it asks for its route.
        Assert.All(ApiRoutes.All, route => Assert.Equal([route.Name], Texts(byName[route.Name])));
    }

    [Fact]
    public void Each_route_keeps_out_of_the_way_of_the_host_and_of_the_worker()
    {
        // A route of "/" breaks every route of the app; admin and runtime are the host's own.
        Assert.All(ApiRoutes.All, route => Assert.Matches(@"\A(?!admin/|runtime/)[a-z0-9][^*]*\z", route.Pattern));
        Assert.Equal(
            ApiRoutes.All.Count,
            ApiRoutes.All.Select(r => r.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count()
        );
    }

    [Fact]
    public void The_host_loads_the_extensions_of_the_triggers()
    {
        // Timers and HTTP are part of the host itself.
        string[] expected = BuiltApp.Functions.SelectMany(Types).Contains("queueTrigger")
            ? ["AzureStorageQueues", "DurableTask", "Startup"]
            : ["DurableTask", "Startup"];
        var extensions = BuiltApp.Json("extensions.json")["extensions"]!.AsArray();

        Assert.Equal(expected, extensions.Select(e => (string)e!["name"]!).Order());
        Assert.All(extensions, e => Assert.True(File.Exists(Path.Combine(BuiltApp.Folder, (string)e!["hintPath"]!))));
    }

    [Fact]
    public void The_host_starts_the_worker_by_the_dotnet_of_its_machine()
    {
        var worker = BuiltApp.Json("worker.config.json")["description"]!;

        Assert.Equal("dotnet-isolated", (string?)worker["language"]);
        Assert.Equal("dotnet", (string?)worker["defaultExecutablePath"]);
        Assert.Equal("Leyden.Functions.dll", (string?)worker["defaultWorkerPath"]);
        Assert.True(File.Exists(Path.Combine(BuiltApp.Folder, "Leyden.Functions.dll")));
    }

    private static DurableTaskRegistry Tasks()
    {
        using var services = new ServiceCollection()
            .Configure<DurableTaskRegistry>(registry => registry.AddLeydenTasks())
            .BuildServiceProvider();
        return services.GetRequiredService<IOptions<DurableTaskRegistry>>().Value;
    }

    private static IEnumerable<string> Texts(MethodInfo method)
    {
        const byte loadString = 0x72;
        const byte stringToken = 0x70;
        var code = method.GetMethodBody()!.GetILAsByteArray()!;
        for (var at = 0; at + 4 < code.Length; at++)
        {
            if (code[at] == loadString && code[at + 4] == stringToken)
            {
                yield return method.Module.ResolveString(BitConverter.ToInt32(code, at + 1));
            }
        }
    }

    private static string Describe(JsonObject function) =>
        $"{function["name"]}: {string.Join(", ", function["bindings"]!.AsArray().Select(b => DescribeBinding(b!.AsObject())))}";

    private static string DescribeBinding(JsonObject binding)
    {
        string?[] words =
        [
            (string?)binding["type"],
            (string?)binding["authLevel"],
            binding["methods"] is JsonArray methods
                ? string.Join('|', methods.Select(m => ((string)m!).ToLowerInvariant()).Order())
                : null,
            (string?)binding["route"],
            (string?)binding["schedule"],
            (string?)binding["queueName"],
            (string?)binding["connection"],
        ];
        return string.Join(' ', words.Where(word => word is not null));
    }

    private static IEnumerable<string> Types(JsonObject function) =>
        function["bindings"]!.AsArray().Select(binding => (string)binding!["type"]!);
}
