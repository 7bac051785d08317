using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.DurableTask.Client;

namespace Leyden.FunctionsHost;

/// <summary>A function: a public method with <see cref="FunctionAttribute"/>, one of whose parameters carries a trigger's attribute.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Method">The method.</param>
/// <param name="Trigger">The attribute.</param>
/// <param name="Parameter">The parameter that gets what set the function off.</param>
internal sealed record FunctionMethod(
    string Name,
    MethodInfo Method,
    TriggerBindingAttribute Trigger,
    ParameterInfo Parameter
)
{
    /// <summary>All functions of assemblies.</summary>
    /// <exception cref="InvalidOperationException">Two have the same name, or one has not exactly one trigger.</exception>
    public static IReadOnlyList<FunctionMethod> Find(IEnumerable<Assembly> assemblies)
    {
        var found = assemblies
            .SelectMany(a => a.GetTypes())
            .Where(t => t.IsPublic)
            .SelectMany(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance))
            .Where(m => m.IsDefined(typeof(FunctionAttribute)))
            .Select(Read)
            .ToList();
        var repeated = found
            .GroupBy(f => f.Name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(g => g.Skip(1).Any());
        return repeated is null
            ? found
            : throw new InvalidOperationException($"Two functions have the name {repeated.Key}.");
    }

    /// <summary>Calls the function.</summary>
    /// <param name="services">What its class and its bindings are made of; a scope of this call.</param>
    /// <param name="trigger">What set it off.</param>
    /// <param name="data">What the trigger tells beside, by parameter name.</param>
    /// <param name="cancellationToken">The host stops.</param>
    /// <returns>What it gave back; null for nothing.</returns>
    public async Task<object?> InvokeAsync(
        IServiceProvider services,
        object? trigger,
        IReadOnlyDictionary<string, object?> data,
        CancellationToken cancellationToken
    )
    {
        var target = Method.IsStatic
            ? null
            : ActivatorUtilities.GetServiceOrCreateInstance(services, Method.DeclaringType!);
        var arguments = Method
            .GetParameters()
            .Select(p => IsTrigger(p) ? trigger : Bind(p, services, data, cancellationToken))
            .ToArray();
        return await ResultAsync(Method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null));
    }

    /// <summary>Whether a parameter of <see cref="Method"/> is <see cref="Parameter"/>: the runtime may describe one by several objects.</summary>
    public bool IsTrigger(ParameterInfo parameter) => parameter.Position == Parameter.Position;

    /// <summary>The type of what an asynchronous function gives back; <see cref="object"/> for nothing.</summary>
    public Type OutputType =>
        Method.ReturnType.IsGenericType ? Method.ReturnType.GetGenericArguments()[0] : typeof(object);

    private static FunctionMethod Read(MethodInfo method)
    {
        var name = method.GetCustomAttribute<FunctionAttribute>()!.Name;
        var triggers = method
            .GetParameters()
            .Select(p => (Parameter: p, Trigger: p.GetCustomAttribute<TriggerBindingAttribute>()))
            .Where(p => p.Trigger is not null)
            .ToList();
        return triggers is [{ Trigger: { } trigger } one]
            ? new FunctionMethod(name, method, trigger, one.Parameter)
            : throw new InvalidOperationException($"The function {name} has {triggers.Count} triggers.");
    }

    private object? Bind(
        ParameterInfo parameter,
        IServiceProvider services,
        IReadOnlyDictionary<string, object?> data,
        CancellationToken cancellationToken
    )
    {
        if (parameter.IsDefined(typeof(DurableClientAttribute)) && parameter.ParameterType == typeof(DurableTaskClient))
        {
            return services.GetRequiredService<DurableTaskClient>();
        }

        if (parameter.ParameterType == typeof(CancellationToken))
        {
            return cancellationToken;
        }

        return data.TryGetValue(parameter.Name!, out var value) && parameter.ParameterType.IsInstanceOfType(value)
            ? value
            : throw new InvalidOperationException(
                $"The function {Name} wants {parameter.Name} ({parameter.ParameterType.Name}), which this host does not give."
            );
    }

    private static async Task<object?> ResultAsync(object? returned)
    {
        if (returned is not Task task)
        {
            return returned;
        }

        await task;
        return task.GetType().GetProperty(nameof(Task<>.Result))?.GetValue(task);
    }
}
