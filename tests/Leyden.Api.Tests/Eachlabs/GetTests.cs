using System.Net;

namespace Leyden.Api.Tests.Eachlabs;

public sealed class GetTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private static readonly string[] Always =
    [
        "id",
        "status",
        "model",
        "version",
        "input",
        "output",
        "metrics",
        "urls",
        "backend",
        "created_at",
        "deadline",
    ];

    private readonly ApiHost _host = fixture.Host;

    [Fact]
    public async Task A_prediction_goes_through_starting_and_processing_to_cancelled()
    {
        var id = await _host.Alice.AcceptedAsync(
            ApiClient.Body("a cat [[fault:never-finish]]", ("num_inference_steps", 10))
        );

        var starting = await _host.Alice.UntilAsync(id, "starting");
        Assert.Superset(Always.ToHashSet(), starting.Select(m => m.Key).ToHashSet());
        Assert.Null(starting["output"]);

        var processing = await _host.Alice.UntilAsync(id, "processing");
        Assert.Null(processing["output"]);
        Assert.NotNull(processing["started_at"]);
        Assert.Null(processing["metrics"]!["predict_time"]);

        (await _host.Alice.CancelAsync(id)).Ok();
        var cancelled = await _host.Alice.UntilAsync(id, "cancelled");
        Assert.Null(cancelled["output"]);
        Assert.NotNull(cancelled["completed_at"]);
        Assert.Null(cancelled["error"]);
    }

    [Fact]
    public async Task One_picture_is_a_string_with_all_that_the_documented_client_reads()
    {
        var prediction = await _host.Alice.SucceededAsync(ApiClient.Body("a cat", ("seed", 7)));

        Assert.Superset(Always.ToHashSet(), prediction.Select(m => m.Key).ToHashSet());
        Assert.StartsWith(
            _host.Alice.BaseUrl.ToString(),
            prediction["output"]!.GetValue<string>(),
            StringComparison.Ordinal
        );
        Assert.Equal(0.1, prediction["metrics"]!["predict_time"]!.GetValue<double>(), 3);
        Assert.True(prediction["metrics"]!["cost"]!.GetValue<decimal>() > 0);
        Assert.True(prediction["metrics"]!["total_time"]!.GetValue<double>() >= 0.1);
        Assert.Equal(7, prediction["input"]!["seed"]!.GetValue<int>());
        Assert.Equal("sdxl-lightning-4step", prediction["model"]!.GetValue<string>());
        Assert.Null(prediction["error"]);
        Assert.True(
            prediction["created_at"]!.GetValue<DateTimeOffset>()
                <= prediction["completed_at"]!.GetValue<DateTimeOffset>()
        );
    }

    [Fact]
    public async Task Several_pictures_are_an_array_in_order()
    {
        var prediction = await _host.Alice.SucceededAsync(ApiClient.Body("two cats", ("num_outputs", "2")));

        var output = prediction["output"]!.AsArray().Select(url => url!.GetValue<string>()).ToArray();
        Assert.Equal(["0.png", "1.png"], output.Select(url => url[(url.LastIndexOf('/') + 1)..]));
    }

    [Fact]
    public async Task The_urls_lead_to_the_prediction_and_its_cancel()
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));
        var urls = (await _host.Alice.ReadAsync(id))["urls"]!;

        var read = (await _host.Alice.GetAsync(urls["get"]!.GetValue<string>())).Ok();
        Assert.Equal(id, ApiClient.IdOf(read.Json));
        (await _host.Alice.PostAsync(urls["cancel"]!.GetValue<string>(), null)).Ok();
        await _host.Alice.UntilAsync(id, "cancelled");
    }

    [Fact]
    public async Task A_failure_tells_its_message_its_code_and_whether_to_repeat()
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:model-error]]"));
        var prediction = await _host.Alice.UntilAsync(id, "error");

        Assert.Null(prediction["output"]);
        Assert.NotEmpty(prediction["error"]!.GetValue<string>());
        Assert.Equal(prediction["error"]!.GetValue<string>(), prediction["error_message"]!.GetValue<string>());
        Assert.Equal("backend_failed", prediction["error_code"]!.GetValue<string>());
        Assert.False(prediction["error_retryable"]!.GetValue<bool>());
        Assert.Contains("CUDA out of memory", prediction["error_detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("01jx0000000000000000000000")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("run")]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("a")]
    public async Task An_id_that_nobody_has_is_404(string id) =>
        (await _host.Alice.GetAsync($"/v1/prediction/{id}")).Error(HttpStatusCode.NotFound);

    [Fact]
    public async Task An_id_is_found_in_any_letter_case()
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat"));

        Assert.Equal(id, ApiClient.IdOf(await _host.Alice.ReadAsync(id.ToUpperInvariant())));
    }
}
