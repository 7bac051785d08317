using Leyden.Callbacks;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Tests.Storage;

namespace Leyden.Tests.Callbacks;

public sealed class CallbackTokensTests : IDisposable
{
    private static readonly Owner Alice = new("alice");
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _otherFolder = new();
    private readonly DeploymentSecret _secret;
    private readonly DeploymentSecret _otherSecret;
    private readonly PredictionId _id = PredictionId.New(TimeProvider.System.GetUtcNow(), Randomness.Create());

    public CallbackTokensTests()
    {
        _secret = new DeploymentSecret(new FolderObjectStore(_folder.Path, null, TimeProvider.System));
        _otherSecret = new DeploymentSecret(new FolderObjectStore(_otherFolder.Path, null, TimeProvider.System));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_leads_to_its_prediction()
    {
        var token = await new CallbackTokens(_secret).MakeAsync(Alice, _id, Stop);

        Assert.Equal(new CallbackSubject(Alice, _id), await new CallbackTokens(_secret).ReadAsync(token, Stop));
        Assert.InRange(token.Length, 60, 130);
    }

    [Fact]
    public async Task Predictions_and_owners_have_tokens_of_their_own()
    {
        var tokens = new CallbackTokens(_secret);
        var other = PredictionId.New(TimeProvider.System.GetUtcNow(), Randomness.Create());

        string[] all =
        [
            await tokens.MakeAsync(Alice, _id, Stop),
            await tokens.MakeAsync(new Owner("bob"), _id, Stop),
            await tokens.MakeAsync(Alice, other, Stop),
        ];

        // Nothing of one is of use in another: neither the code nor what it stands for.
        Assert.Equal(3, all.Select(token => token[2..44]).Distinct().Count());
    }

    [Fact]
    public async Task No_other_text_is_a_token_not_even_one_character_away()
    {
        var tokens = new CallbackTokens(_secret);
        var token = await tokens.MakeAsync(Alice, _id, Stop);

        for (var i = 0; i < token.Length; i++)
        {
            var other = token[i] == 'A' ? 'B' : 'A';
            Assert.Null(await tokens.ReadAsync($"{token[..i]}{other}{token[(i + 1)..]}", Stop));
        }

        Assert.Null(await tokens.ReadAsync(token + "=", Stop));
        Assert.Null(await tokens.ReadAsync(token + "A", Stop));
        Assert.Null(await tokens.ReadAsync(token[..^1], Stop));
        Assert.Null(await tokens.ReadAsync("", Stop));
        Assert.Null(await tokens.ReadAsync(new string('A', 100_000), Stop));
        Assert.Null(await tokens.ReadAsync("\u0000 %2e%2e/", Stop));
    }

    [Fact]
    public async Task The_tokens_of_another_deployment_are_not_ours()
    {
        var token = await new CallbackTokens(_otherSecret).MakeAsync(Alice, _id, Stop);

        Assert.Null(await new CallbackTokens(_secret).ReadAsync(token, Stop));
    }

    public void Dispose()
    {
        _secret.Dispose();
        _otherSecret.Dispose();
        _folder.Dispose();
        _otherFolder.Dispose();
    }
}
