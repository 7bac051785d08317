namespace Leyden.Infra.Tests;

/// <summary>What can not work is refused before anything is made, by words that name the variable to set.</summary>
public sealed class RefusalTests
{
    private const string Image =
        "registry.example.com/model@sha256:0000000000000000000000000000000000000000000000000000000000000000";
    private const string Keys = "first=0000000000000000000000000000000000000000000000000000000000000001";

    public static TheoryData<string, string> Faults =>
        new()
        {
            // The first is an app that anybody could call, the second has nothing to draw with.
            { "EACHLABS_API_KEY=key", "Set LEYDEN_KEYS to NAME=HASH" },
            { "EACHLABS_API_KEY=key LEYDEN_KEYS=my-shop=" + Keys["first=".Length..], "a name of letters and digits" },
            { "EACHLABS_API_KEY=key LEYDEN_KEYS=shop=ley_the-key-itself-by-mistake", "the SHA-256 of the key" },
            { $"LEYDEN_KEYS={Keys}", "set EACHLABS_API_KEY, or LEYDEN_GPU to T4 or A100" },
            { $"LEYDEN_KEYS={Keys} LEYDEN_GPU=T4", "LEYDEN_CONTAINER_IMAGE must name the image by digest" },
            {
                $"LEYDEN_KEYS={Keys} LEYDEN_GPU=T4 LEYDEN_CONTAINER_IMAGE=registry.example.com/model:latest",
                "LEYDEN_CONTAINER_IMAGE must name the image by digest"
            },
            {
                $"LEYDEN_KEYS={Keys} LEYDEN_GPU=T4 LEYDEN_CONTAINER_IMAGE={Image} LEYDEN_NETWORK=public",
                "needs LEYDEN_CONTAINER_AUTH_CLIENT_ID"
            },
            {
                $"LEYDEN_KEYS={Keys} LEYDEN_GPU=T4 LEYDEN_CONTAINER_IMAGE={Image} LEYDEN_CONTAINER_REGISTRY_ID=registry",
                "LEYDEN_CONTAINER_REGISTRY_ID must be a resource id"
            },
            { $"LEYDEN_KEYS={Keys} EACHLABS_API_KEY=key LEYDEN_GPU=H100", "'A100' | 'T4' | 'none'" },
            { $"LEYDEN_KEYS={Keys} EACHLABS_API_KEY=key LEYDEN_NETWORK=open", "'private' | 'public'" },
            {
                $"LEYDEN_KEYS={Keys} EACHLABS_API_KEY=key LEYDEN_DURABLE_BACKEND=Sql",
                "'AzureStorage' | 'azureManaged'"
            },
            { $"LEYDEN_KEYS={Keys} EACHLABS_API_KEY=key LEYDEN_CONTAINER_KIND=vllm", "'cog' | 'model-server'" },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_can_not_work_is_refused_in_words(string environment, string words)
    {
        var variables = environment.Split(' ').Select(e => e.Split('=', 2)).ToDictionary(e => e[0], e => e[1]);

        var (said, snapshot) = await Variant.RunAsync(variables);

        Assert.NotEqual(0, said.Code);
        Assert.Null(snapshot);
        Assert.Contains(words, said.Output + said.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("by-mistake", said.Output + said.Errors, StringComparison.Ordinal);
    }
}
