using Leyden.Predictions;
using Microsoft.AspNetCore.Http;

namespace Leyden.Api.Eachlabs;

/// <summary>Reads the body and headers of a create in the Eachlabs dialect.</summary>
public static class EachlabsCreateRequest
{
    /// <summary>Reads what is asked for, as far as it can be understood.</summary>
    /// <param name="call">The call.</param>
    /// <param name="errors">Gets the faults that can be seen without knowing the model.</param>
    /// <returns>The wish; what is missing or at fault in it is empty.</returns>
    /// <exception cref="ApiException">The body is no JSON object.</exception>
    public static async Task<PredictionRequest> ReadAsync(ApiCall call, ICollection<InputError> errors)
    {
        var body = await JsonBody.ReadAsync(call.Request, call.Aborted);
        return CreateForm.Read(body, call.Caller, errors) with
        {
            Deadline = DeadlineHeader.Read(call.Request, errors),
            IdempotencyKey = IdempotencyKey(call.Request),
        };
    }

    /// <summary>The caller's word for this wish; null when none was sent.</summary>
    public static string? IdempotencyKey(HttpRequest request) =>
        request.Headers["Idempotency-Key"] is { Count: > 0 } key ? key.ToString() : null;

    /// <summary>The answer to a request with faults: all of them at once.</summary>
    public static ApiException Invalid(IReadOnlyList<InputError> errors) =>
        new(StatusCodes.Status400BadRequest, string.Join(" ", errors.Select(e => e.Message)), errors);
}
