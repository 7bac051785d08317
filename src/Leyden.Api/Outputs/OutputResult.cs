using System.Globalization;
using Leyden.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Leyden.Api.Outputs;

/// <summary>An object as an HTTP answer: ranges, conditions and <c>HEAD</c> as the request asks; disposes of the object.</summary>
/// <param name="found">The object.</param>
/// <param name="fileName">The name to save it under: the last segment of its key, so nothing in it needs escaping.</param>
/// <param name="left">For how long its URL is valid, and so a copy fresh.</param>
internal sealed class OutputResult(StoredObject found, string fileName, TimeSpan left) : IResult
{
    private static readonly TimeSpan LongestCopy = TimeSpan.FromDays(1);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        var seconds = (long)(left < LongestCopy ? left : LongestCopy).TotalSeconds;
        headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"private, max-age={seconds}");
        headers.ContentDisposition = $"inline; filename=\"{fileName}\"";

        // Outputs come from outside. Whatever they are, they are no page of this host that could run scripts.
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return Results
            .Stream(
                found.Content,
                found.ContentType,
                fileDownloadName: null,
                found.LastModified,
                new EntityTagHeaderValue($"\"{found.ETag}\""),
                enableRangeProcessing: true
            )
            .ExecuteAsync(httpContext);
    }
}

/// <summary>Why there is no object, which no cache may keep.</summary>
internal sealed class OutputProblemResult(int status, string error) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.CacheControl = "no-store";
        return Results.Json(new { error }, statusCode: status).ExecuteAsync(httpContext);
    }
}
