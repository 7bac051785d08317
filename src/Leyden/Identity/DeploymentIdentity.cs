using System.Diagnostics.CodeAnalysis;
using Azure.Core;
using Azure.Identity;

namespace Leyden.Identity;

/// <summary>
/// Who this deployment is to Azure: the managed identity that <c>AZURE_CLIENT_ID</c> names, or the only one that it has; on a developer's
/// machine whoever is signed in. The one place where a credential is made; making one costs nothing until it is first used.
/// </summary>
public sealed class DeploymentIdentity
{
    private readonly Lazy<TokenCredential> _credential;

    /// <summary>The identity of the environment.</summary>
    public DeploymentIdentity()
        : this(() => CreateCredential()) { }

    internal DeploymentIdentity(Func<TokenCredential> create) => _credential = new(create);

    /// <summary>Gives tokens for Azure Storage, Event Grid and the container's door. It keeps them until shortly before they expire.</summary>
    public TokenCredential Credential => _credential.Value;

    /// <summary>Makes a credential.</summary>
    /// <param name="clientId">The client id of a managed identity that was assigned by users; null for the one of the environment.</param>
    [SuppressMessage("ApiDesign", "RS0030", Justification = "The one place where credentials are made.")]
    public static TokenCredential CreateCredential(string? clientId = null)
    {
        var options = new DefaultAzureCredentialOptions();
        if (!string.IsNullOrWhiteSpace(clientId))
        {
            options.ManagedIdentityClientId = clientId;
        }

        return new DefaultAzureCredential(options);
    }
}
