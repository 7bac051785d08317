using System.Globalization;
using Leyden.Backends;
using Leyden.Predictions;
using Leyden.Tests.Net;

namespace Leyden.Tests.Backends.Eachlabs;

/// <summary>The forms of a read's answer, those included that no documentation has.</summary>
public sealed class EachlabsFormsTests
{
    [Theory]
    [InlineData("""{"predict_time":"1.5","cost":"0.25"}""", 1.5, "0.25")]
    [InlineData("""{"predict_time":2.0}""", 2.0, "0.00308")]
    [InlineData("""{"predict_time":-1,"cost":-1}""", null, null)]
    [InlineData("""{"predict_time":"NaN","cost":1e300}""", null, null)]
    [InlineData("""{"predict_time":1e300}""", null, null)]
    [InlineData("""{"predict_time":{},"cost":[]}""", null, null)]
    [InlineData("null", null, null)]
    [InlineData("7", null, null)]
    public async Task Metrics_are_taken_where_they_make_sense(string metrics, double? seconds, string? cost)
    {
        var body = $$"""{"id":"p","status":"SUCCESS","output":"https://a.example/1.png","metrics":{{metrics}}}""";

        var succeeded = Assert.IsType<ObserveOutcome.Succeeded>(await ObserveRawAsync(body));

        Assert.Equal(seconds, succeeded.PredictTime?.TotalSeconds);
        Assert.Equal(cost is null ? null : decimal.Parse(cost, CultureInfo.InvariantCulture), succeeded.Cost);
    }

    [Theory]
    [InlineData("""["https://a.example/1.png",{"url":"https://a.example/2.png"}]""", "1.png 2.png")]
    [InlineData("""{"images":[{"url":"https://a.example/1.png","thumbnail":"https://a.example/t.png"}]}""", "1.png")]
    [InlineData("""{"left":"https://a.example/1.png","right":"https://a.example/2.png"}""", "1.png 2.png")]
    [InlineData("""{"output":{"files":["http://a.example/1.png"]}}""", "1.png")]
    public async Task Outputs_are_found_wherever_they_are(string output, string names)
    {
        var body = $$"""{"id":"p","status":"success","output":{{output}}}""";

        var succeeded = Assert.IsType<ObserveOutcome.Succeeded>(await ObserveRawAsync(body));

        Assert.Equal(names, string.Join(' ', succeeded.Outputs.Select(url => url.Segments[^1])));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("\"file:///etc/passwd\"")]
    [InlineData("[[[[[[[[[[\"https://a.example/1.png\"]]]]]]]]]]")]
    public async Task Success_without_a_usable_output_is_a_failure(string output)
    {
        var body = $$"""{"id":"p","status":"success","output":{{output}}}""";

        var failed = Assert.IsType<ObserveOutcome.Failed>(await ObserveRawAsync(body));

        Assert.Equal(FailureCodes.OutputUnavailable, failed.Failure.Code);
    }

    [Theory]
    [InlineData("""{"status":"error","error_message":"m","error":"e","logs":"l"}""", "m")]
    [InlineData("""{"status":"error","error_message":"","error":"e","logs":"l"}""", "e")]
    [InlineData("""{"status":"error","error_message":null,"error":null,"logs":"l"}""", "l")]
    [InlineData("""{"status":"error","error":{"code":7}}""", """{"code":7}""")]
    [InlineData("""{"status":"error","logs":[]}""", null)]
    [InlineData("""{"status":"error"}""", null)]
    public async Task The_detail_of_a_failure_is_the_first_that_says_something(string body, string? detail)
    {
        Assert.Equal(detail, Assert.IsType<ObserveOutcome.Failed>(await ObserveRawAsync(body)).Failure.Detail);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"status":7}""")]
    [InlineData("")]
    public async Task An_answer_that_is_no_prediction_is_unavailable(string body)
    {
        Assert.IsType<ObserveOutcome.Unavailable>(await ObserveRawAsync(body));
    }

    private static async Task<ObserveOutcome> ObserveRawAsync(string body)
    {
        await using var server = RawServer.Answering(200, body, "Content-Type: application/json");
        await using var driver = new EachlabsDriver(server.BaseUrl);
        return await driver.Backend.ObserveAsync("p", TestContext.Current.CancellationToken);
    }
}
