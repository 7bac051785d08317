using Leyden.Predictions;
using Microsoft.Extensions.Options;

namespace Leyden.Api.Access;

/// <summary>Who may call. Configuration section <c>Leyden:Keys</c>, whose entries are <c>NAME = HASH[,HASH…]</c>.</summary>
public sealed class AccessOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Keys";

    /// <summary>
    /// The keys by name. A name is 1…32 letters, digits and hyphens, in any letter case: in lower case it is the owner of the
    /// predictions that its key makes. A value is the SHA-256 of the key in hex; several, with commas between, are valid at the same
    /// time, so that a key can be replaced without a moment of refusal. Default: none, and everybody is <see cref="Owner.Local"/>.
    /// </summary>
    public IDictionary<string, string?> Hashes { get; } =
        new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
}

/// <summary>Says what is wrong with <see cref="AccessOptions"/>, all of it at once.</summary>
internal sealed class AccessOptionsValidator : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        var errors = new List<string>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in options.Hashes)
        {
            var setting = $"{AccessOptions.Section}:{key}";
            if (!Owner.TryParse(key, out _))
            {
                errors.Add(
                    $"{setting}: a key's name must be 1 to 32 letters, digits and hyphens, with no hyphen first."
                );
            }

            var hashes = KeyHash.ParseAll(value);
            if (hashes is null)
            {
                // The value is not shown: somebody may have put the key itself there.
                errors.Add(
                    $"{setting} must be the SHA-256 of the key: 64 hex digits, or several such with commas between."
                );
            }

            foreach (var hash in (hashes ?? []).Select(Convert.ToHexStringLower).Distinct())
            {
                if (!names.TryAdd(hash, key))
                {
                    errors.Add(
                        $"{setting} is the same key as {AccessOptions.Section}:{names[hash]}, so that it names two owners."
                    );
                }
            }
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
