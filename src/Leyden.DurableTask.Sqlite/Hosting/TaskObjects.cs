using DurableTask.Core;

namespace Leyden.DurableTask.Sqlite.Hosting;

/// <summary>
/// Makes the framework's task objects on demand. The framework's own manager knows exact pairs of name and version only;
/// here every name gets an object, so that an unknown one fails its caller instead of blocking the dispatcher.
/// </summary>
internal sealed class TaskObjects<T>(Func<string, T> create) : INameVersionObjectManager<T>
{
    public void Add(ObjectCreator<T> creator) =>
        throw new NotSupportedException("Tasks are registered in the DurableTaskRegistry.");

    public T GetObject(string name, string? version) => create(name);
}
