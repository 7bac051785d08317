namespace Leyden.Emulators.Cog;

/// <summary>How the emulator behaves. All may be changed while it runs; on the command line each is a switch of the same name.</summary>
public sealed class CogEmulatorOptions
{
    /// <summary>Where to listen; an http address of this machine. Port 0 (the default) takes a free one. Read at start.</summary>
    public string Url { get; set; } = "http://127.0.0.1:0";

    /// <summary>How long the model's setup takes.</summary>
    public TimeSpan SetupTime { get; set; } = TimeSpan.Zero;

    /// <summary>Whether the setup only begins with the first request, as in an app that was scaled to nothing.</summary>
    public bool StartsCold { get; set; }

    /// <summary>A state other than the one that it would have: <c>UNKNOWN</c>, <c>SETUP_FAILED</c>, <c>DEFUNCT</c>, <c>UNHEALTHY</c> …</summary>
    public string? State { get; set; }

    /// <summary>Runs at once.</summary>
    public int Slots { get; set; } = 1;

    /// <summary>How long the model runs.</summary>
    public TimeSpan RunTime { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Whether <c>KarrasDPM</c> works; in the published image it raises a TypeError.</summary>
    public bool KarrasWorks { get; set; }

    /// <summary>
    /// Whom tokens must be for, to get past a sign-in in front of the container; null (the default) for none. Tokens come from
    /// <c>/emulator/identity</c>.
    /// </summary>
    public string? Audience { get; set; }

    /// <summary>The only client id that the sign-in admits; null for every one.</summary>
    public string? AdmittedClient { get; set; }

    /// <summary>How long its tokens are valid.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>What those who ask for tokens have to send, as <c>IDENTITY_HEADER</c> tells them.</summary>
    public string IdentityHeader { get; set; } = "emulated";
}
