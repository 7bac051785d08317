using System.Net;
using System.Text.RegularExpressions;

namespace Leyden.Api.Tests.Eachlabs;

/// <summary>What two callers see of each other: nothing.</summary>
public sealed partial class OwnershipTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private readonly ApiHost _host = fixture.Host;

    [Fact]
    public async Task A_prediction_of_another_caller_does_not_exist()
    {
        var id = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat [[fault:never-finish]]"));
        var unknown = (await _host.Bob.GetAsync("/v1/prediction/01jx0000000000000000000000")).Text;

        var read = await _host.Bob.GetAsync($"/v1/prediction/{id}");
        var cancel = await _host.Bob.CancelAsync(id);
        var delete = await _host.Bob.DeleteAsync(id);

        Assert.All([read, cancel, delete], answer => answer.Error(HttpStatusCode.NotFound));
        Assert.All([read, cancel, delete], answer => Assert.Equal(unknown, answer.Text));
        var still = await _host.Alice.ReadAsync(id);
        Assert.True(ApiClient.IsOpen(still), still.ToJsonString());
        Assert.Null(still["cancel_requested_at"]);
    }

    [Fact]
    public async Task An_ended_prediction_of_another_caller_can_not_be_deleted()
    {
        var id = ApiClient.IdOf(await _host.Alice.SucceededAsync(ApiClient.Body("a cat")));

        (await _host.Bob.DeleteAsync(id)).Error(HttpStatusCode.NotFound);

        await _host.Alice.ReadAsync(id);
    }

    [Fact]
    public async Task Lists_are_disjoint()
    {
        var alice = await _host.Alice.AcceptedAsync(ApiClient.Body("a cat"));
        var bob = await _host.Bob.AcceptedAsync(ApiClient.Body("a dog"));

        var listOfAlice = (await _host.Alice.GetAsync("/v1/predictions?limit=100")).Ok().Text;
        var listOfBob = (await _host.Bob.GetAsync("/v1/predictions?limit=100")).Ok().Text;

        Assert.Contains(alice, listOfAlice, StringComparison.Ordinal);
        Assert.DoesNotContain(bob, listOfAlice, StringComparison.Ordinal);
        Assert.Contains(bob, listOfBob, StringComparison.Ordinal);
        Assert.DoesNotContain(alice, listOfBob, StringComparison.Ordinal);
    }

    /// <summary>All that need a key, of the one table.</summary>
    public static TheoryData<string, string> Routes
    {
        get
        {
            var routes = new TheoryData<string, string> { { "POST", "/v1/prediction/" } };
            foreach (var route in ApiRoutes.All.Where(r => r.NeedsKey))
            {
                foreach (var method in route.Methods)
                {
                    routes.Add(method, "/" + Parameters().Replace(route.Pattern, "01jx0000000000000000000000"));
                }
            }

            return routes;
        }
    }

    [Fact]
    public void Without_a_key_there_are_handshakes_health_and_addresses_that_are_permissions_themselves() =>
        Assert.Equal(
            ["AllowEvents", "GetOutput", "Health", "Ready", "ReceiveCallback", "ReceiveEvents"],
            ApiRoutes.All.Where(r => !r.NeedsKey).Select(r => r.Name).Order()
        );

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Without_a_valid_key_every_route_is_401(string method, string path)
    {
        const string prompt = "a cat of nobody";
        foreach (var client in new[] { _host.Nobody, _host.With("wrong"), _host.With(ApiHost.AliceKey + "x") })
        {
            var body = method == "POST" ? ApiClient.Text(ApiClient.Body(prompt).ToJsonString()) : null;

            var answer = await client.SendAsync(new HttpMethod(method), path, body);

            Assert.Equal("Invalid or missing API key", answer.Error(HttpStatusCode.Unauthorized, "X-API-Key"));
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        }

        Assert.DoesNotContain(
            prompt,
            (await _host.Alice.GetAsync("/v1/predictions")).Ok().Text,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(prompt, _host.Emulator.Counts.BilledByPrompt.Keys);
    }

    [GeneratedRegex(@"\{[a-z]+\}", RegexOptions.IgnoreCase)]
    private static partial Regex Parameters();
}
