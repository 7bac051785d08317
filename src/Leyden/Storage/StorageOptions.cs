using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Options;

namespace Leyden.Storage;

/// <summary>Where objects are kept: exactly one of a connection string, an account name and a folder. Section <c>Leyden:Storage</c>.</summary>
public sealed class StorageOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Storage";

    /// <summary>The container that is used when none is named.</summary>
    public const string DefaultContainer = "leyden";

    /// <summary>A connection string of Azure Storage, with the account's key; also <c>UseDevelopmentStorage=true</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>A storage account that this host's own (managed) identity may use: 3…24 lower-case letters and digits.</summary>
    public string? AccountName { get; set; }

    /// <summary>
    /// The blob container, made when it does not exist: 3…63 lower-case letters, digits and single hyphens. Not used with a folder.
    /// </summary>
    public string Container { get; set; } = DefaultContainer;

    /// <summary>A folder of this machine, made when it does not exist.</summary>
    public string? Folder { get; set; }
}

/// <summary>Says what is wrong with <see cref="StorageOptions"/>, all of it at once and without the values of secrets.</summary>
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        var errors = new List<string>();
        string[] places =
        [
            .. new[]
            {
                (Name: nameof(options.ConnectionString), Value: options.ConnectionString),
                (Name: nameof(options.AccountName), Value: options.AccountName),
                (Name: nameof(options.Folder), Value: options.Folder),
            }
                .Where(place => !string.IsNullOrWhiteSpace(place.Value))
                .Select(place => place.Name),
        ];
        if (places.Length != 1)
        {
            var found = places.Length == 0 ? "none is" : $"{string.Join(" and ", places)} are";
            errors.Add(
                $"{StorageOptions.Section}: exactly one of ConnectionString, AccountName and Folder must be set; {found}."
            );
        }

        if (!string.IsNullOrWhiteSpace(options.AccountName) && !AccountForm().IsMatch(options.AccountName))
        {
            errors.Add(
                $"{StorageOptions.Section}:AccountName is '{options.AccountName}'; it must be 3 to 24 lower-case letters and digits."
            );
        }

        if (!string.IsNullOrWhiteSpace(options.ConnectionString) && !IsConnectionString(options.ConnectionString))
        {
            errors.Add($"{StorageOptions.Section}:ConnectionString is not a connection string of Azure Storage.");
        }

        if (!ContainerForm().IsMatch(options.Container))
        {
            errors.Add(
                $"{StorageOptions.Section}:Container is '{options.Container}'; it must be 3 to 63 lower-case letters, digits and single hyphens."
            );
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static bool IsConnectionString(string text)
    {
        try
        {
            return new BlobServiceClient(text).AccountName.Length > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\A[a-z0-9]{3,24}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AccountForm();

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerForm();
}
