using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using Xunit;

namespace Leyden.TestSupport;

/// <summary>
/// Programs of the Node ecosystem that tests run: the packages of a folder's <c>package-lock.json</c>, installed on first
/// use.
/// </summary>
public static class NodeTools
{
    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(200);

    /// <summary>The folder of the packages that this project brings: Azurite and its wrapper.</summary>
    public static string Packages { get; } =
        typeof(NodeTools)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "NodePackages")
            .Value!;

    /// <summary>
    /// Installs the packages of <paramref name="folder"/> exactly as its lock file says, unless that very lock file has
    /// been installed already. Several processes may ask at once: one installs, the others wait. Install scripts of
    /// packages do not run.
    /// </summary>
    /// <remarks>
    /// A machine without Node skips the calling test, with the reason; under <c>CI=true</c> it fails, because there a
    /// silent skip would read as proof.
    /// </remarks>
    /// <exception cref="InvalidOperationException"><c>npm ci</c> failed; the message has its output.</exception>
    /// <exception cref="OperationCanceledException">
    /// <paramref name="cancellationToken"/> was cancelled, or ten minutes passed.
    /// </exception>
    public static async Task InstallAsync(string folder, CancellationToken cancellationToken)
    {
        await RequireNodeAsync(cancellationToken);
        var lockFile = await File.ReadAllBytesAsync(Path.Combine(folder, "package-lock.json"), cancellationToken);
        var wanted = Convert.ToHexStringLower(SHA256.HashData(lockFile));
        var marker = Path.Combine(folder, "node_modules", ".installed-lock");

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(InstallTimeout);
        await using var gate = await EnterAsync(Path.Combine(folder, ".install.lock"), timeout.Token);
        if (File.Exists(marker) && await File.ReadAllTextAsync(marker, timeout.Token) == wanted)
        {
            return;
        }

        await RunAsync(
            Npm,
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            folder,
            timeout.Token
        );
        await File.WriteAllTextAsync(marker, wanted, timeout.Token);
    }

    /// <summary>Starts <c>node</c> on a script, with all three standard streams redirected.</summary>
    /// <param name="folder">The working directory, from which Node resolves the script and its packages.</param>
    /// <param name="arguments">The script and its arguments.</param>
    public static Process Start(string folder, params IEnumerable<string> arguments) =>
        Process.Start(StartInfo("node", arguments, folder))
        ?? throw new InvalidOperationException("The operating system started no process for node.");

    private static string Npm => OperatingSystem.IsWindows() ? "npm.cmd" : "npm";

    private static async Task RequireNodeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync("node", ["--version"], Packages, cancellationToken);
            await RunAsync(Npm, ["--version"], Packages, cancellationToken);
        }
        catch (Win32Exception missing)
        {
            var reason = $"Node and npm are needed for this test and were not found on the PATH ({missing.Message}).";
            if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            {
                Assert.Fail(reason);
            }

            Assert.Skip(reason);
        }
    }

    private static async Task<FileStream> EnterAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                // The operating system lets go of the file when the process ends, so a crash leaves no stale lock.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(LockRetry, TimeProvider.System, cancellationToken);
            }
        }
    }

    private static async Task RunAsync(
        string program,
        string[] arguments,
        string folder,
        CancellationToken cancellationToken
    )
    {
        using var process =
            Process.Start(StartInfo(program, arguments, folder))
            ?? throw new InvalidOperationException($"The operating system started no process for {program}.");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException(
                    $"{program} {string.Join(' ', arguments)} in {folder} ended with {process.ExitCode}: "
                        + $"{await output}{await errors}"
                );
            }
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static ProcessStartInfo StartInfo(string program, IEnumerable<string> arguments, string folder) =>
        new(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
}
