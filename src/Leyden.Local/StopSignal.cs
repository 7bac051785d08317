using System.Runtime.InteropServices;

namespace Leyden.Local;

/// <summary>
/// Ctrl+C and the termination signal, taken over: the first asks to stop in order, the second leaves at once.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly Action _beforeLeaving;
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private int _count;

    /// <summary>Takes the signals over until disposed.</summary>
    /// <param name="beforeLeaving">Called when the second signal is about to end the process.</param>
    public StopSignal(Action beforeLeaving)
    {
        _beforeLeaving = beforeLeaving;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
    }

    /// <summary>Canceled by the first signal.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _asked.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) == 1)
        {
            _asked.Cancel();
            return;
        }

        _beforeLeaving();
        Environment.Exit(ExitCodes.Canceled);
    }
}
