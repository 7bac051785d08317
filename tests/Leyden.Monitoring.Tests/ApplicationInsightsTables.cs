namespace Leyden.Monitoring.Tests;

/// <summary>
/// The tables of Application Insights that queries are bound to, with the columns that a query on the component itself sees. They are the
/// left column of the mapping in Microsoft's "Migrate to workspace-based Application Insights resources" (azure-monitor-docs,
/// articles/azure-monitor/app/convert-classic-resource.md, June 2024); the right one holds for queries on the workspace.
/// </summary>
internal static class ApplicationInsightsTables
{
    private const string Common =
        "appId:string, application_Version:string, cloud_RoleInstance:string, cloud_RoleName:string, customDimensions:dynamic, "
        + "iKey:string, itemType:string, operation_Id:string, operation_Name:string, operation_ParentId:string, "
        + "sdkVersion:string, timestamp:datetime";

    private const string Item = "customMeasurements:dynamic, itemCount:int";

    /// <summary>Name to columns, as Kusto declares them.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        ["customMetrics"] =
            $"({Common}, name:string, value:real, valueCount:int, valueMax:real, valueMin:real, valueSum:real)",
        ["dependencies"] =
            $"({Common}, {Item}, name:string, data:string, duration:real, id:string, performanceBucket:string, "
            + "resultCode:string, success:string, target:string, type:string)",
        ["exceptions"] =
            $"({Common}, {Item}, details:dynamic, innermostMessage:string, innermostType:string, method:string, "
            + "outerMessage:string, outerType:string, problemId:string, severityLevel:int, type:string)",
        ["requests"] =
            $"({Common}, {Item}, name:string, duration:real, id:string, performanceBucket:string, resultCode:string, "
            + "source:string, success:string, url:string)",
        ["traces"] = $"({Common}, {Item}, message:string, severityLevel:int)",
    };
}
