using System.Security.Cryptography;
using System.Text;

namespace Leyden.Emulators.Eachlabs;

/// <summary>What every request of the API passes first: the key, then the limit of requests.</summary>
internal sealed class ApiGate(EachlabsEmulatorOptions options, EachlabsCounters counters, TimeProvider timeProvider)
    : IEndpointFilter
{
    private readonly RequestWindow _window = new(timeProvider);

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!HasKey(http.Request))
        {
            counters.Unauthorized();
            return ValueTask.FromResult<object?>(ApiErrors.Unauthorized());
        }

        if (!_window.TryTake(options.RequestsPerMinute, out var retryAfter))
        {
            return ValueTask.FromResult<object?>(
                Refuse(http, $"Rate limit of {options.RequestsPerMinute} requests per minute exceeded", retryAfter)
            );
        }

        return next(context);
    }

    /// <summary>Answers 429 and counts it.</summary>
    public IResult Refuse(HttpContext http, string details, TimeSpan retryAfter)
    {
        counters.Throttled();
        return ApiErrors.TooMany(http, details, retryAfter, options.RetryAfter, timeProvider.GetUtcNow());
    }

    private bool HasKey(HttpRequest request)
    {
        const string bearer = "Bearer ";
        var sent = request.Headers["X-API-Key"].ToString();
        var authorization = request.Headers.Authorization.ToString();
        if (sent.Length == 0 && authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase))
        {
            sent = authorization[bearer.Length..].Trim();
        }

        return sent.Length > 0
            && (
                options.ApiKey is null
                || CryptographicOperations.FixedTimeEquals(
                    Encoding.UTF8.GetBytes(sent),
                    Encoding.UTF8.GetBytes(options.ApiKey)
                )
            );
    }
}
