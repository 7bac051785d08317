using Leyden.Emulators.Eachlabs;

namespace Leyden.Local.Tests.Infrastructure;

/// <summary>Waits for what the emulator was asked.</summary>
internal static class EmulatorWaits
{
    /// <summary>Waits until so many creates were billed.</summary>
    public static async Task BilledAsync(this EachlabsEmulator emulator, int creates)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (emulator.Counts.CreatesBilled < creates)
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < LeydenProcess.Patience,
                $"{emulator.Counts.CreatesBilled} creates were billed, not {creates}."
            );
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
