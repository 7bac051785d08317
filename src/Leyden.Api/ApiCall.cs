using Leyden.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace Leyden.Api;

/// <summary>One request, past the door: the caller is known.</summary>
/// <param name="Request">The request.</param>
/// <param name="Caller">Whose key it carries.</param>
/// <param name="Client">The durable engine's client; the Functions host gives one to each invocation.</param>
/// <param name="Aborted">Canceled when the caller goes away.</param>
public sealed record ApiCall(HttpRequest Request, Owner Caller, DurableTaskClient Client, CancellationToken Aborted)
{
    /// <summary>The prediction id in the path.</summary>
    /// <exception cref="ApiException">404: the path holds nothing of an id's form.</exception>
    public PredictionId Id =>
        PredictionId.TryParse(Request.RouteValues["id"] as string, out var id) ? id : throw NotFound();

    /// <summary>The answer for predictions that do not exist, and for those of others alike.</summary>
    public static ApiException NotFound() => new(StatusCodes.Status404NotFound, "There is no prediction with this id.");
}
