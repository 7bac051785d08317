using System.Net;

namespace Leyden.Api.Tests.Eachlabs;

public sealed class RunTests
{
    private static readonly (string, string)[] ShortWait = [("Leyden:MaxWait", "00:00:01")];

    [Fact]
    public async Task A_run_answers_with_the_finished_prediction()
    {
        await using var host = await ApiHost.StartAsync();

        var prediction = (await host.Alice.RunAsync(ApiClient.Body("a cat"))).Ok().Json;

        Assert.Equal("success", ApiClient.StatusOf(prediction));
        Assert.NotEmpty(prediction["output"]!.GetValue<string>());
        Assert.True(prediction["metrics"]!["predict_time"]!.GetValue<double>() > 0);
    }

    [Fact]
    public async Task A_run_that_fails_answers_with_the_failed_prediction()
    {
        await using var host = await ApiHost.StartAsync();

        var prediction = (await host.Alice.RunAsync(ApiClient.Body("a cat [[fault:create-forbidden]]"))).Ok().Json;

        Assert.Equal("error", ApiClient.StatusOf(prediction));
        Assert.Equal("backend_rejected", prediction["error_code"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_run_with_a_fault_is_refused_like_a_create()
    {
        await using var host = await ApiHost.StartAsync();

        (await host.Alice.RunAsync(ApiClient.Body("a cat", ("width", 3)))).Error(HttpStatusCode.BadRequest, "width");
    }

    [Fact]
    public async Task A_run_that_takes_longer_than_the_wait_says_so_and_goes_on()
    {
        await using var host = await ApiHost.StartAsync(ShortWait, e => e.RunTime = TimeSpan.FromSeconds(3));

        var answer = await host.Alice.RunAsync(ApiClient.Body("a slow cat"));

        var message = answer.Error(HttpStatusCode.GatewayTimeout);
        Assert.Contains("within 1 s", message, StringComparison.Ordinal);
        Assert.Contains($"/v1/prediction/{answer.Id}", message, StringComparison.Ordinal);
        Assert.True(ApiClient.IsOpen(answer.Json), answer.Text);
        Assert.Equal("false", answer.Headers.GetValues("x-should-retry").Single());
        await host.Alice.UntilAsync(answer.Id, "success");
        Assert.Equal(1, host.Emulator.Counts.CreatesBilled);
    }

    [Fact]
    public async Task A_caller_that_leaves_cancels_nothing_and_finds_the_picture_later()
    {
        await using var host = await ApiHost.StartAsync(emulate: e => e.RunTime = TimeSpan.FromSeconds(2));
        using var request = host.Alice.Request(
            HttpMethod.Post,
            "/v1/prediction/run",
            ApiClient.Text(ApiClient.Body("a cat for later").ToJsonString())
        );

        await host.Alice.SendAndLeaveAsync(request, until: () => host.Emulator.Counts.CreatesBilled == 1);

        var listed = (await host.Alice.GetAsync("/v1/predictions")).Ok().Json["predictions"]!.AsArray();
        var id = Assert.Single(listed)!["id"]!.GetValue<string>();
        var prediction = await host.Alice.UntilAsync(id, "success", "error", "cancelled");
        Assert.Equal("success", ApiClient.StatusOf(prediction));
        Assert.Equal(0, host.Emulator.Counts.Cancels);
        Assert.Equal(1, host.Emulator.Counts.CreatesBilled);
    }

    [Fact]
    public async Task A_run_that_is_repeated_with_its_key_answers_with_the_same_prediction()
    {
        await using var host = await ApiHost.StartAsync();
        var first = (await host.Alice.RunAsync(ApiClient.Body("a cat"), ("Idempotency-Key", "r1"))).Ok();

        var second = (await host.Alice.RunAsync(ApiClient.Body("a cat"), ("Idempotency-Key", "r1"))).Ok();

        Assert.Equal(ApiClient.IdOf(first.Json), ApiClient.IdOf(second.Json));
        Assert.True(second.IsReplayed);
        Assert.Equal(1, host.Emulator.Counts.CreatesBilled);
    }
}
