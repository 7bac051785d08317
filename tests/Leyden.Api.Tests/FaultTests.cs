using System.Net;
using System.Text.RegularExpressions;
using Leyden.Storage;

namespace Leyden.Api.Tests;

/// <summary>What callers are told when this service is at fault: that it is, and under which reference the log has the rest.</summary>
public sealed partial class FaultTests : IAsyncLifetime
{
    private const string Secret = "/srv/secret/account-key=abc";
    private FaultyStore _store = null!;
    private ApiHost _host = null!;
    private string _id = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ApiHost.StartAsync(wrap: store => _store = new FaultyStore(store));
        _id = ApiClient.IdOf(await _host.Alice.SucceededAsync(ApiClient.Body("a cat")));
    }

    public ValueTask DisposeAsync()
    {
        _store.Fault = null;
        return _host.DisposeAsync();
    }

    [Fact]
    public async Task A_fault_is_500_in_json_with_a_reference_into_the_log_and_nothing_else()
    {
        foreach (var exception in new Exception[] { new IOException(Secret), new InvalidOperationException(Secret) })
        {
            _store.Fault = () => exception;
            foreach (var answer in await EveryRouteAsync())
            {
                var message = answer.Error(HttpStatusCode.InternalServerError);

                Assert.DoesNotContain("secret", answer.Text, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("Exception", answer.Text, StringComparison.Ordinal);
                Assert.DoesNotContain(" at ", answer.Text, StringComparison.Ordinal);
                var reference = Reference().Match(message).Groups[1].Value;
                Assert.NotEmpty(reference);
                Assert.Contains(
                    _host.Logs.Errors,
                    line =>
                        line.Contains(reference, StringComparison.Ordinal)
                        && line.Contains(Secret, StringComparison.Ordinal)
                );
            }
        }

        _store.Fault = null;
        await _host.Alice.ReadAsync(_id);
    }

    [Fact]
    public async Task A_lost_race_for_a_document_is_503_with_a_moment_to_come_back()
    {
        _store.Fault = () => new ContentionException(Secret);

        foreach (var answer in await EveryRouteAsync())
        {
            answer.Error(HttpStatusCode.ServiceUnavailable);
            Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
            Assert.DoesNotContain("secret", answer.Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    private async Task<Answer[]> EveryRouteAsync() =>
        [
            await _host.Alice.CreateAsync(ApiClient.Body("a cat")),
            await _host.Alice.CreateAsync(ApiClient.Body("a cat"), ("Idempotency-Key", "k")),
            await _host.Alice.RunAsync(ApiClient.Body("a cat")),
            await _host.Alice.GetAsync($"/v1/prediction/{_id}"),
            await _host.Alice.CancelAsync(_id),
            await _host.Alice.DeleteAsync(_id),
            await _host.Alice.GetAsync("/v1/predictions"),
        ];

    [GeneratedRegex("under (\\S+)\\.$")]
    private static partial Regex Reference();
}
