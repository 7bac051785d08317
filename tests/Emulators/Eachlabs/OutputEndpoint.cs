using System.Text;
using Leyden.Emulators.Pictures;

namespace Leyden.Emulators.Eachlabs;

/// <summary><c>GET /outputs/{id}/{n}.png</c>: the pictures, drawn when they are asked for, and their faults.</summary>
internal sealed class OutputEndpoint(EachlabsFaults faults, EachlabsCounters counters, PredictionTable predictions)
{
    private const int HugeBytes = 50 << 20;
    private const string Png = "image/png";
    private const string Html = "<!doctype html><title>Not here</title><p>The picture has moved.";

    public async Task<IResult> GetAsync(HttpContext context, string id, int number)
    {
        counters.OutputRequested();
        if (!predictions.TryGet(id, out var prediction) || number < 0 || number >= prediction.OutputCount)
        {
            return Results.NotFound();
        }

        bool Happens(EachlabsFault fault) => faults.Happens(fault, prediction.Prompt);
        if (Happens(EachlabsFault.OutputHuge) || Happens(EachlabsFault.OutputHugeChunked))
        {
            return await SendHugeAsync(context, announced: Happens(EachlabsFault.OutputHuge));
        }

        if (Happens(EachlabsFault.OutputEndless) || Happens(EachlabsFault.OutputTruncated))
        {
            var picture = PredictionJson.Render(prediction, number);
            return await SendHalfAsync(context, picture, thenDrop: Happens(EachlabsFault.OutputTruncated));
        }

        return Happens(EachlabsFault.OutputNotFound) ? Results.NotFound()
            : Happens(EachlabsFault.OutputServerError) ? Results.StatusCode(500)
            : Happens(EachlabsFault.OutputHtml) ? Results.Text(Html, Png, Encoding.UTF8)
            : Happens(EachlabsFault.OutputRedirect) && !context.Request.Query.ContainsKey("moved")
                ? Results.Redirect($"{context.Request.Path}?moved=1")
            : Results.Bytes(PredictionJson.Render(prediction, number), Png);
    }

    private static async Task<IResult> SendHugeAsync(HttpContext context, bool announced)
    {
        context.Response.ContentType = Png;
        context.Response.ContentLength = announced ? HugeBytes : null;
        var head = SamplePicture.Render(256, 256, "fifty megabytes", 0, 0);
        await context.Response.Body.WriteAsync(head, context.RequestAborted);
        var block = new byte[64 << 10];
        for (var sent = head.Length; sent < HugeBytes; )
        {
            var length = Math.Min(block.Length, HugeBytes - sent);
            await context.Response.Body.WriteAsync(block.AsMemory(0, length), context.RequestAborted);
            sent += length;
        }

        return Results.Empty;
    }

    private static async Task<IResult> SendHalfAsync(HttpContext context, byte[] picture, bool thenDrop)
    {
        context.Response.ContentType = Png;
        context.Response.ContentLength = picture.Length;
        await context.Response.Body.WriteAsync(picture.AsMemory(0, picture.Length / 2), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (thenDrop)
        {
            // A reset overtakes what is still on its way; the half is to arrive.
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, context.RequestAborted);
            return FaultyAnswers.Drop(context);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        return Results.Empty;
    }
}
