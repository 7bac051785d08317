using Leyden.Diffusion;
using Leyden.Predictions;

namespace Leyden.ModelServer.Inputs;

internal static class SchedulerNames
{
    public static SchedulerKind Parse(string name) =>
        (SchedulerKind)SdxlLightningInput.Schedulers.ToList().IndexOf(name);
}
