using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Leyden.TestSupport;

/// <summary>
/// Microsoft's emulator of Azure Storage (blobs, queues, tables), as a process of its own on free loopback ports. It ends
/// with its owner: on <see cref="DisposeAsync"/>, and also when the owning process is killed, because it watches the pipe
/// to it.
/// </summary>
public sealed partial class Azurite : IAsyncDisposable
{
    /// <summary>The account that every Azurite serves.</summary>
    public const string AccountName = "devstoreaccount1";

    /// <summary>The published key of that account; it guards nothing.</summary>
    public const string AccountKey =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private const int KeptLines = 50;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Dictionary<string, TaskCompletionSource<Uri>> _listening = new()
    {
        ["Blob"] = NewSignal(),
        ["Queue"] = NewSignal(),
        ["Table"] = NewSignal(),
    };

    private Azurite(Process process) => _process = process;

    /// <summary>Where blobs are served, with the account in the path.</summary>
    public Uri BlobEndpoint { get; private set; } = null!;

    /// <summary>Where queues are served, with the account in the path.</summary>
    public Uri QueueEndpoint { get; private set; } = null!;

    /// <summary>Where tables are served, with the account in the path.</summary>
    public Uri TableEndpoint { get; private set; } = null!;

    /// <summary>A connection string for all three services.</summary>
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={AccountName};AccountKey={AccountKey};"
        + $"BlobEndpoint={BlobEndpoint};QueueEndpoint={QueueEndpoint};TableEndpoint={TableEndpoint};";

    /// <summary>Installs Azurite when needed, starts it, and returns once all three services listen.</summary>
    /// <param name="folder">
    /// Where the data is kept, so that a later start finds it again; <see langword="null"/> keeps it in memory.
    /// </param>
    /// <param name="cancellationToken">Gives up the start; a process that was started already is ended.</param>
    /// <exception cref="InvalidOperationException">Azurite ended, or did not listen within two minutes.</exception>
    /// <remarks>A machine without Node skips the calling test: <see cref="NodeTools.InstallAsync"/>.</remarks>
    public static async Task<Azurite> StartAsync(string? folder, CancellationToken cancellationToken)
    {
        await NodeTools.InstallAsync(NodeTools.Packages, cancellationToken);
        string[] storage = folder is null ? ["--inMemoryPersistence"] : ["--location", folder];

        // Port 0 lets the operating system choose, without a race between looking for a free port and taking it.
        // The SDKs are newer than the API versions that Azurite lists, hence --skipApiVersionCheck.
        string[] ports = ["--blobPort", "0", "--queuePort", "0", "--tablePort", "0"];
        string[] manners = ["--skipApiVersionCheck", "--disableTelemetry", "--silent"];
        var azurite = new Azurite(
            NodeTools.Start(NodeTools.Packages, ["azurite.mjs", .. storage, .. ports, .. manners])
        );
        try
        {
            await azurite.ListenAsync(cancellationToken);
            return azurite;
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the process: politely first, so that a folder is written out; by force after ten seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            using var timeout = new CancellationTokenSource(StopTimeout);
            try
            {
                await _process.WaitForExitAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private static TaskCompletionSource<Uri> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => Fail($"Azurite ended with {_process.ExitCode}");
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            BlobEndpoint = await EndpointAsync("Blob", cancellationToken);
            QueueEndpoint = await EndpointAsync("Queue", cancellationToken);
            TableEndpoint = await EndpointAsync("Table", cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"Azurite did not listen within {StartTimeout}: {Said}");
        }
    }

    private async Task<Uri> EndpointAsync(string service, CancellationToken cancellationToken) =>
        new(
            await _listening[service].Task.WaitAsync(StartTimeout, TimeProvider.System, cancellationToken),
            AccountName
        );

    private string Said => string.Join(Environment.NewLine, _output);

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        while (_output.Count > KeptLines && _output.TryDequeue(out _)) { }
        if (Listening().Match(line) is { Success: true } match)
        {
            _listening[match.Groups["service"].Value].TrySetResult(new Uri(match.Groups["address"].Value + "/"));
        }
    }

    private void Fail(string what)
    {
        foreach (var signal in _listening.Values)
        {
            signal.TrySetException(new InvalidOperationException($"{what}: {Said}"));
        }
    }

    [GeneratedRegex(@"^Azurite (?<service>Blob|Queue|Table) service is successfully listening at (?<address>http\S+)$")]
    private static partial Regex Listening();
}
