using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Leyden.Predictions;
using Leyden.Storage;

namespace Leyden.Callbacks;

/// <summary>
/// Makes and checks the tokens by which a backend that reports the end of a prediction is recognized. A token is good for that one
/// prediction and nothing else. It is the base64url of a version byte, the HMAC-SHA256 of all the rest (32 bytes), and
/// <c>owner/id</c>: nothing is stored, and nothing is looked up for a token that is not ours.
/// </summary>
public sealed class CallbackTokens(DeploymentSecret secret)
{
    private const string Purpose = "callbacks";
    private const byte Version = 1;
    private const int CodeAt = 1;
    private const int NameAt = CodeAt + HMACSHA256.HashSizeInBytes;
    private const int MaxTokenLength = 200;

    /// <summary>The token of a prediction: always the same. Not to be logged.</summary>
    public async ValueTask<string> MakeAsync(Owner owner, PredictionId id, CancellationToken cancellationToken)
    {
        var name = Encoding.ASCII.GetBytes($"{owner}/{id}");
        byte[] token = [Version, .. await AuthenticateAsync(name, cancellationToken), .. name];
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Reads a token that came from outside.</summary>
    /// <returns>The prediction that it was made for; null when this deployment did not make it.</returns>
    public async ValueTask<CallbackSubject?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length > MaxTokenLength || !Base64Url.IsValid(token))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(token);
        // A decoder forgives padding, blanks and spare bits: only the one text that MakeAsync gives is a token.
        if (bytes.Length <= NameAt || bytes[0] != Version || Base64Url.EncodeToString(bytes) != token)
        {
            return null;
        }

        var expected = await AuthenticateAsync(bytes.AsMemory(NameAt), cancellationToken);
        if (!CryptographicOperations.FixedTimeEquals(expected, bytes.AsSpan(CodeAt, NameAt - CodeAt)))
        {
            return null;
        }

        var parts = Encoding.ASCII.GetString(bytes.AsSpan(NameAt)).Split('/');
        return new CallbackSubject(new Owner(parts[0]), PredictionId.Parse(parts[1]));
    }

    private async ValueTask<byte[]> AuthenticateAsync(ReadOnlyMemory<byte> name, CancellationToken cancellationToken) =>
        HMACSHA256.HashData(await secret.DeriveAsync(Purpose, cancellationToken), (byte[])[Version, .. name.Span]);
}

/// <summary>The prediction that a callback is about.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="Id">Which.</param>
public sealed record CallbackSubject(Owner Owner, PredictionId Id);
