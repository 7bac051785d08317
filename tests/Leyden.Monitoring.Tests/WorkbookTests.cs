namespace Leyden.Monitoring.Tests;

/// <summary>The form of the workbook, which the portal does not complain about but shows as an empty page.</summary>
public sealed class WorkbookTests
{
    [Fact]
    public void The_workbook_has_the_form_of_one_and_each_item_its_own_name()
    {
        var workbook = MonitoringQueries.Workbook();
        var items = MonitoringQueries.WorkbookItems().ToList();

        Assert.Equal("Notebook/1.0", (string?)workbook["version"]);
        Assert.All(items, item => Assert.True((int)item["type"]! is 1 or 3 or 9, item.ToJsonString()));
        Assert.Equal(items.Count, items.Select(item => (string)item["name"]!).Distinct().Count());
        Assert.Equal(
            ["__APPLICATION_INSIGHTS__"],
            workbook["fallbackResourceIds"]!.AsArray().Select(id => (string)id!)
        );
        Assert.Contains(
            "'__APPLICATION_INSIGHTS__'",
            Repository.Read("infra/modules/workbook.bicep"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Every_query_asks_the_component_about_the_time_that_is_chosen()
    {
        var contents = MonitoringQueries
            .WorkbookItems()
            .Where(i => (int)i["type"]! == 3)
            .Select(i => i["content"]!)
            .ToList();

        Assert.NotEmpty(contents);
        Assert.All(
            contents,
            content =>
            {
                Assert.Equal("KqlItem/1.0", (string?)content["version"]);
                Assert.Equal("TimeRange", (string?)content["timeContextFromParameter"]);
                Assert.Equal("microsoft.insights/components", (string?)content["resourceType"]);
                Assert.Equal(0, (int?)content["queryType"]);
                Assert.False(string.IsNullOrWhiteSpace((string?)content["title"]));
                Assert.True((string?)content["visualization"] is "table" or "timechart" or "barchart");
            }
        );
    }

    [Fact]
    public void Every_parameter_in_a_query_is_one_of_the_workbook()
    {
        var parameters = MonitoringQueries
            .WorkbookItems()
            .Where(i => (int)i["type"]! == 9)
            .SelectMany(i => i["content"]!["parameters"]!.AsArray())
            .Select(p => (string)p!["name"]!)
            .ToHashSet();
        var queries = MonitoringQueries.WorkbookItems().Where(i => (int)i["type"]! == 3);

        var used = queries
            .SelectMany(i =>
                System.Text.RegularExpressions.Regex.Matches((string)i["content"]!["query"]!, @"\{(\w+)[:}]")
            )
            .Select(m => m.Groups[1].Value)
            .ToHashSet();

        Assert.Equal(parameters.Order(), used.Order());
    }
}
