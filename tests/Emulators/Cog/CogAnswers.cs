using System.Globalization;
using System.Text.Json.Nodes;
using Leyden.Emulators.Pictures;

namespace Leyden.Emulators.Cog;

/// <summary>The answers to runs that are over, with their names in alphabetical order, as the real server writes them.</summary>
internal sealed class CogAnswers(CogEmulatorOptions options, CogFaults faults)
{
    private const int HugeBytes = 60 << 20;

    public async Task<IResult> WriteAsync(
        HttpContext context,
        string id,
        CogInput input,
        bool finished,
        TimeSpan runTime
    )
    {
        bool Happens(CogFault fault) => faults.Happens(fault, input.Prompt);
        var error =
            !finished ? null
            : Happens(CogFault.RunFailed) ? "CUDA error: device-side assert triggered, on command"
            : Happens(CogFault.Nsfw) ? "NSFW content detected. Try running it again, or try a different prompt."
            : input.Scheduler == "KarrasDPM" && !options.KarrasWorks
                ? "TypeError: __init__() got an unexpected keyword argument"
            : null;
        var outputs = !finished || error is not null ? null : Outputs(input, Happens);
        context.Response.ContentType = "application/json";
        var json = new JsonObject { ["id"] = id };
        if (error is not null)
        {
            json["error"] = error;
        }

        json["logs"] = $"Using seed: {input.Seed}";
        json["metrics"] = new JsonObject
        {
            ["predict_time"] = double.Parse(
                runTime.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture),
                CultureInfo.InvariantCulture
            ),
        };
        if (outputs is not null)
        {
            json["output"] = new JsonArray([.. outputs]);
        }

        json["status"] =
            !finished ? "canceled"
            : error is null ? "succeeded"
            : "failed";
        var text = json.ToJsonString();
        if (Happens(CogFault.Malformed) || Happens(CogFault.HalfAnswer))
        {
            await context.Response.WriteAsync(text[..(text.Length / 2)], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (Happens(CogFault.HalfAnswer))
            {
                // A reset overtakes what is still on its way; the half is to arrive.
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, context.RequestAborted);
                context.Abort();
            }

            return Results.Empty;
        }

        await context.Response.WriteAsync(text, context.RequestAborted);
        return Results.Empty;
    }

    private static List<JsonNode?> Outputs(CogInput input, Func<CogFault, bool> happens)
    {
        var count =
            happens(CogFault.NsfwEmpty) ? 0
            : happens(CogFault.NsfwLast) ? input.Outputs - 1
            : input.Outputs;
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(i =>
                {
                    var picture = SamplePicture.Render(input.Width, input.Height, input.Prompt, input.Seed, i);
                    return (JsonNode?)
                        JsonValue.Create(
                            happens(CogFault.UrlOutput) ? "https://example.com/picture.png"
                            : happens(CogFault.BadBase64) ? "data:image/png;base64,iVBOR*w0KGgo!"
                            : "data:image/png;base64,"
                                + Convert.ToBase64String(
                                    happens(CogFault.HtmlOutput) ? "<!doctype html>"u8.ToArray()
                                    : happens(CogFault.HugeOutput) ? [.. picture, .. new byte[HugeBytes]]
                                    : picture
                                )
                        );
                }),
        ];
    }
}
