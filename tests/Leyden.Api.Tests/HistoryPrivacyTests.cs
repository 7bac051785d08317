namespace Leyden.Api.Tests;

/// <summary>What the durable engine gets to know: ids and moments, nothing of what callers ask for and get.</summary>
public sealed class HistoryPrivacyTests
{
    [Fact]
    public async Task Prompts_pictures_links_and_keys_are_not_in_the_engine()
    {
        const string prompt = "a prompt that no history may show";
        await using var host = await ApiHost.StartAsync();

        var ended = await host.Alice.SucceededAsync(ApiClient.Body(prompt));
        var batch = await host.Alice.PostAsync("/v1/batches", ApiClient.Text($$"""{"prompts":["{{prompt}}"]}"""));
        await ApiClient.EventuallyAsync(
            async () =>
                ApiClient.StatusOf((await host.Alice.GetAsync($"/v1/batches/{ApiClient.IdOf(batch.Json)}")).Json)
                == "completed",
            "the batch has ended"
        );
        var engine = host.EngineText();

        Assert.Contains(ApiClient.IdOf(ended), engine, StringComparison.Ordinal);
        Assert.Contains("ObservePrediction", engine, StringComparison.Ordinal);
        Assert.DoesNotContain(prompt, engine, StringComparison.Ordinal);
        Assert.DoesNotContain("/outputs/", engine, StringComparison.Ordinal);
        Assert.DoesNotContain(ApiHost.AliceKey, engine, StringComparison.Ordinal);
    }
}
