using Microsoft.Extensions.Options;

namespace Leyden;

/// <summary>Says in one line what keeps a host from starting, where that is a matter of settings.</summary>
public static class SettingFaults
{
    private const string AnnotationPrefix = "with the error: '";

    /// <summary>Explains a fault of a host's start.</summary>
    /// <returns>One line for people; null when it is no matter of settings.</returns>
    public static string? Explain(Exception fault) =>
        fault switch
        {
            OptionsValidationException options => string.Join(" ", options.Failures.Select(Shorten).Distinct()),
            AggregateException several when several.InnerExceptions.All(e => Explain(e) is not null) => string.Join(
                " ",
                several.InnerExceptions.Select(Explain)
            ),
            // What the configuration binder throws for a value that is not of the setting's type; it names both.
            InvalidOperationException
            {
                InnerException: FormatException or ArgumentException or OverflowException
            } bound => bound.Message,
            _ => null,
        };

    /// <summary>Data annotations put the type and member of this program before the message.</summary>
    private static string Shorten(string failure)
    {
        var start = failure.IndexOf(AnnotationPrefix, StringComparison.Ordinal);
        return start < 0 ? failure : failure[(start + AnnotationPrefix.Length)..].TrimEnd('\'', '.') + ".";
    }
}
