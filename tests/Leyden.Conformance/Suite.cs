using Leyden.Conformance.Hosts;

namespace Leyden.Conformance;

/// <summary>
/// What the areas of the suite share. An area is an abstract class with the tests, and one line per host that runs them there
/// (<c>Hosts/On….cs</c>); <see cref="CoverageTests"/> sees that no area forgets a host. Tests know a host by its
/// <see cref="Target"/> alone.
/// </summary>
/// <typeparam name="THost">The host that the tests run on.</typeparam>
public abstract class Suite<THost>(HostPool hosts, Scoreboard scoreboard) : IAsyncLifetime
    where THost : Host, new()
{
    private const string Suffix = "Conformance`1";
    private readonly List<(Caller Caller, string Id)> _lasting = [];
    private Target _target = null!;
    private string? _lacks;

    /// <summary>A caller.</summary>
    protected Caller Alice => new(_target.BaseUrl, _target.Key);

    /// <summary>Another caller.</summary>
    protected Caller Bob
    {
        get
        {
            Need(_target.OtherKey is not null, "a second caller: LEYDEN_CONFORMANCE_KEY2");
            return new Caller(_target.BaseUrl, _target.OtherKey);
        }
    }

    /// <summary>Somebody without a key.</summary>
    protected Caller Nobody => With(null);

    /// <summary>What plays the backend.</summary>
    protected Emulator Emulator
    {
        get
        {
            Need(_target.Emulator is not null, "a backend that obeys: LEYDEN_CONFORMANCE_EMULATOR");
            return new Emulator(_target.Emulator!);
        }
    }

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Somebody with a key of one's choice.</summary>
    protected Caller With(string? key) => new(_target.BaseUrl, key);

    /// <summary>Whether the host asks for keys; otherwise the test is skipped.</summary>
    protected void RequireKeys() => Need(_target.Key is not null, "a host with keys: LEYDEN_CONFORMANCE_KEY");

    /// <summary>Skips the test where this host or this machine lacks what it takes, and has the reason printed.</summary>
    protected void Need(bool isThere, string what)
    {
        _lacks = isThere ? null : $"needs {what}";
        Assert.SkipWhen(_lacks is not null, _lacks ?? "");
    }

    /// <summary>Whether something is otherwise on this host, by its own nature and not by ours.</summary>
    protected static bool Differs(HostDifference difference) => difference.Hosts.Contains(typeof(THost));

    /// <summary>Makes the host with tight limits the target of this test, which has it alone until the lease is disposed.</summary>
    protected async Task<HostPool.Lease> TightenAsync()
    {
        var lease = await hosts.TightAsync<THost>(Stop);
        Need(lease is not null, "a second host with tight limits: LEYDEN_CONFORMANCE_TIGHT_URL");
        _target = lease!.Target;
        return lease;
    }

    /// <summary>Creates a prediction that runs until it is canceled, which happens after the test at the latest.</summary>
    /// <returns>Its id, once it runs.</returns>
    protected async Task<string> RunningAsync(Caller caller, params (string Name, string Value)[] headers)
    {
        _ = Emulator;
        var id = await caller.AcceptedAsync(Body.Of("a cat [[fault:never-finish]]"), headers);
        _lasting.Add((caller, id));
        await caller.UntilAsync(id, "processing");
        return id;
    }

    /// <summary>Opens an address that webhooks can be sent to.</summary>
    /// <param name="receiver">What takes them.</param>
    /// <param name="answer">The status for each request, given its number from 1; by default 204.</param>
    protected Task<Inbox> OpenAsync(WebhookReceiver receiver, Func<int, int>? answer = null)
    {
        Need(
            WebhookReceiver.IsReachedFrom(Alice.BaseUrl),
            "a URL by which the host reaches this machine: LEYDEN_CONFORMANCE_RECEIVER"
        );
        return receiver.OpenAsync(answer ?? (_ => 204), Stop);
    }

    public async ValueTask InitializeAsync()
    {
        try
        {
            _target = await hosts.WideAsync<THost>();
        }
        catch
        {
            Note(TestResult.Failed);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Note(TestContext.Current.TestState?.Result ?? TestResult.Failed);
        foreach (var (caller, id) in _lasting)
        {
            await caller.CancelAsync(id);
        }

        GC.SuppressFinalize(this);
    }

    private void Note(TestResult result)
    {
        var area = GetType().BaseType!.Name;
        scoreboard.Add(area[..^Suffix.Length], new THost().Name, result, _lacks);
    }
}
