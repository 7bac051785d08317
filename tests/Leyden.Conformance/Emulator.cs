namespace Leyden.Conformance;

/// <summary>
/// What plays the backend, asked over HTTP: how often it billed whom. What it shall do is said in prompts, such as
/// <c>[[fault:never-finish]]</c>, so that tests do not disturb each other.
/// </summary>
/// <param name="url">Its address.</param>
public sealed class Emulator(Uri url)
{
    private readonly Caller _http = new(url, null);

    /// <summary>How often a prompt was billed.</summary>
    public async Task<int> BilledAsync(string prompt) =>
        (int?)(await CountersAsync())["billed_by_prompt"]![prompt] ?? 0;

    /// <summary>All that it counts.</summary>
    public async Task<JsonObject> CountersAsync() => (await _http.GetAsync("emulator/counters")).Ok().Json;
}
