using System.Net;
using System.Text.Json.Nodes;

namespace Leyden.Api.Tests.Eachlabs;

public sealed class ListTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Pages_hold_everything_once_and_the_newest_first()
    {
        var created = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            created.Insert(0, await _host.Alice.AcceptedAsync(ApiClient.Body($"cat {i}")));
        }

        var seen = new List<string>();
        var sizes = new List<int>();
        for (string? cursor = ""; cursor is not null; )
        {
            var page = await PageAsync($"?limit=3{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            seen.AddRange(IdsOf(page));
            sizes.Add(IdsOf(page).Length);
            cursor = page["next_cursor"]?.GetValue<string>();
        }

        Assert.Equal([3, 3, 1], sizes);
        Assert.Equal(created.Order(), seen.Order());
        // Within one millisecond the order is by chance, between them by time.
        Assert.Equal(seen.Select(id => id[..10]).OrderDescending(StringComparer.Ordinal), seen.Select(id => id[..10]));
    }

    [Fact]
    public async Task An_entry_is_the_prediction_as_a_read_gives_it()
    {
        var read = await _host.Alice.SucceededAsync(ApiClient.Body("a cat"));

        var listed = (await PageAsync(""))["predictions"]!.AsArray().Single()!.AsObject();

        Assert.Equal(read.Select(m => m.Key), listed.Select(m => m.Key));
        foreach (var name in read.Select(m => m.Key).Except(["output"])) // signed anew each time
        {
            Assert.True(JsonNode.DeepEquals(read[name], listed[name]), name);
        }
    }

    [Fact]
    public async Task A_list_without_predictions_is_empty_and_has_no_next_page()
    {
        var page = await PageAsync("");

        Assert.Empty(page["predictions"]!.AsArray());
        Assert.True(page.ContainsKey("next_cursor"));
        Assert.Null(page["next_cursor"]);
    }

    [Fact]
    public async Task A_cursor_of_another_caller_is_refused()
    {
        await _host.Alice.AcceptedAsync(ApiClient.Body("cat 1"));
        await _host.Alice.AcceptedAsync(ApiClient.Body("cat 2"));
        var cursor = (await PageAsync("?limit=1"))["next_cursor"]!.GetValue<string>();

        (await _host.Bob.GetAsync($"/v1/predictions?cursor={cursor}")).Error(HttpStatusCode.BadRequest, "cursor");
    }

    private async Task<JsonObject> PageAsync(string query) =>
        (await _host.Alice.GetAsync($"/v1/predictions{query}")).Ok().Json;

    private static string[] IdsOf(JsonObject page) =>
        [.. page["predictions"]!.AsArray().Select(p => p!["id"]!.GetValue<string>())];
}
