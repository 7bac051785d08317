using System.Runtime.InteropServices;

namespace Leyden.Diffusion;

/// <summary>
/// Keeps ONNX Runtime quiet: its builds from 1.31 on send events about sessions and hardware to Microsoft unless an environment variable
/// says otherwise when its library is loaded (its <c>Privacy.md</c>).
/// </summary>
internal static partial class OnnxTelemetry
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Turns the events off unless the variable says something already. To be called before anything of ONNX Runtime is used.</summary>
    public static void Disable()
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            return;
        }

        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            // There .NET keeps variables of its own, which native code does not see.
            _ = SetVariable(Variable, "1", overwrite: 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
