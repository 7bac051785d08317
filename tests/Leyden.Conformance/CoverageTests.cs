using Leyden.Conformance.Hosts;

namespace Leyden.Conformance;

public sealed class CoverageTests
{
    [Fact]
    public void Every_area_of_the_suite_runs_on_every_host()
    {
        var types = typeof(CoverageTests).Assembly.GetTypes();
        var hosts = types.Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(Host))).ToList();
        var areas = types.Where(type => type.IsAbstract && HasBase(type, typeof(Suite<>))).ToList();
        var wanted = areas.SelectMany(area => hosts.Select(host => area.MakeGenericType(host)));

        var missing = wanted.Except(types.Where(type => !type.IsAbstract).Select(type => type.BaseType));

        Assert.NotEmpty(areas);
        Assert.NotEmpty(hosts);
        Assert.Empty(missing.Select(type => type!.ToString()));
    }

    private static bool HasBase(Type type, Type definition) =>
        type.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == definition;
}
