using Leyden.Emulators.Eachlabs;

namespace Leyden.Api.Tests.Eachlabs;

/// <summary>What a caller is told when the backend is at fault: the table of codes in docs/protocols/eachlabs-dialect.md.</summary>
public sealed class BackendFaultTests(BackendFaultTests.PractisedHost fixture)
    : IClassFixture<BackendFaultTests.PractisedHost>
{
    private readonly ApiHost _host = fixture.Host;

    [Theory]
    [InlineData(EachlabsFault.CreateBadRequest, "invalid_input", "input.scheduler is not one of the allowed values")]
    [InlineData(EachlabsFault.CreateUnprocessable, "invalid_input", "input.width is not valid")]
    [InlineData(EachlabsFault.CreateUnauthorized, "backend_rejected", "Invalid or missing API key")]
    [InlineData(EachlabsFault.CreatePaymentRequired, "backend_rejected", "Insufficient balance")]
    [InlineData(EachlabsFault.CreateForbidden, "backend_rejected", "This key may not run this model")]
    [InlineData(EachlabsFault.ModelError, "backend_failed", "CUDA out of memory")]
    [InlineData(EachlabsFault.ModelFailed, "backend_failed", "The model stopped unexpectedly")]
    [InlineData(EachlabsFault.ModelErrorInLogs, "backend_failed", "CUDA out of memory")]
    [InlineData(EachlabsFault.Nsfw, "nsfw", "NSFW content detected")]
    [InlineData(EachlabsFault.CreateServerError, "submission_unknown", "Internal server error")]
    [InlineData(EachlabsFault.DropAfter, "submission_unknown", null)]
    [InlineData(EachlabsFault.CreateWithoutId, "submission_unknown", null)]
    [InlineData(EachlabsFault.OutputHtml, "output_unavailable", null)]
    [InlineData(EachlabsFault.OutputNone, "output_unavailable", null)]
    [InlineData(EachlabsFault.OutputHuge, "output_unavailable", null)]
    [InlineData(EachlabsFault.OutputPrivateAddress, "output_unavailable", null)]
    public async Task A_fault_becomes_a_failed_prediction_with_its_code_and_the_backend_s_words(
        EachlabsFault fault,
        string code,
        string? words
    )
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body($"a cat {EachlabsFaults.Marker(fault)}"));

        var prediction = await _host.Alice.UntilAsync(id, "success", "error", "cancelled");

        Assert.True(ApiClient.StatusOf(prediction) == "error", prediction.ToJsonString());
        Assert.Equal(code, prediction["error_code"]!.GetValue<string>());
        Assert.False(prediction["error_retryable"]!.GetValue<bool>());
        Assert.NotEmpty(prediction["error"]!.GetValue<string>());
        Assert.Null(prediction["output"]);
        if (words is not null)
        {
            Assert.Contains(words, prediction["error_detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Fewer_pictures_than_asked_are_a_success_with_a_note()
    {
        var prompt = $"cats {EachlabsFaults.Marker(EachlabsFault.NsfwLast)}";

        var prediction = await _host.Alice.SucceededAsync(ApiClient.Body(prompt, ("num_outputs", 3)));

        Assert.Equal(2, prediction["output"]!.AsArray().Count);
        Assert.StartsWith(
            "2 of 3 pictures",
            prediction["notes"]!.AsArray().Single()!.GetValue<string>(),
            StringComparison.Ordinal
        );
    }

    /// <summary>A host that has learned how long a picture takes, and so looks at the others in time.</summary>
    public sealed class PractisedHost : IAsyncLifetime
    {
        public ApiHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Host = await ApiHost.StartAsync();
            await Host.Alice.SucceededAsync(ApiClient.Body("a cat for practice"));
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
