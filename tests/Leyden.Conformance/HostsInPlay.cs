using System.Reflection;
using Leyden.Conformance.Hosts;
using Xunit.Sdk;
using Xunit.v3;

namespace Leyden.Conformance;

/// <summary>
/// Runs the tests of the host that the environment names, or else of the hosts that the suite starts itself: the others are
/// not there to be skipped.
/// </summary>
public sealed class HostsInPlay : XunitTestFramework
{
    protected override ITestFrameworkDiscoverer CreateDiscoverer(Assembly assembly) =>
        new Discoverer(base.CreateDiscoverer(assembly), assembly);

    private sealed class Discoverer(ITestFrameworkDiscoverer inner, Assembly assembly) : ITestFrameworkDiscoverer
    {
        public ITestAssembly TestAssembly => inner.TestAssembly;

        public ValueTask Find(
            Func<ITestCase, ValueTask<bool>> callback,
            ITestFrameworkDiscoveryOptions discoveryOptions,
            Type[]? types,
            CancellationToken? cancellationToken
        ) =>
            inner.Find(
                callback,
                discoveryOptions,
                [.. (types ?? assembly.GetExportedTypes()).Where(IsInPlay)],
                cancellationToken
            );

        private static bool IsInPlay(Type type) =>
            type.BaseType is not { IsGenericType: true } area
            || area.GetGenericArguments() is not [var host]
            || host == typeof(EnvironmentHost) == EnvironmentHost.IsGiven;
    }
}
