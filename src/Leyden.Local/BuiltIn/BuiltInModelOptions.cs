using System.ComponentModel.DataAnnotations;
using Leyden.Diffusion;

namespace Leyden.Local.BuiltIn;

/// <summary>The model that runs in this process. Configuration section <c>Leyden:Model</c>.</summary>
public sealed class BuiltInModelOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Leyden:Model";

    /// <summary>
    /// The directory of a model in the ONNX layout that Hugging Face Optimum gives SDXL. Default: the model of coloured shapes that comes
    /// with this program.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>How many predictions run at once, 1…16. Default: 1, since one keeps all cores busy.</summary>
    [Range(1, 16, ErrorMessage = Section + ":MaxConcurrent must be from 1 to 16.")]
    public int MaxConcurrent { get; set; } = 1;

    /// <summary>How many threads each runs on, 0…256; 0 means one a core. Default: 0.</summary>
    [Range(0, 256, ErrorMessage = Section + ":Threads must be from 0 to 256.")]
    public int Threads { get; set; }

    /// <summary>The directory that is used.</summary>
    internal string Directory =>
        string.IsNullOrWhiteSpace(Path) ? System.IO.Path.Combine(AppContext.BaseDirectory, "models", "shapes") : Path;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // A directory that was named is looked at before anything starts; the one that comes with the program when it is needed.
        if (!string.IsNullOrWhiteSpace(Path) && FindFault() is { } fault)
        {
            yield return new ValidationResult($"{Section}:Path names no usable model: {fault}");
        }
    }

    private string? FindFault()
    {
        try
        {
            SdxlPipeline.Open(Directory, new PipelineOptions());
            return null;
        }
        catch (ModelDirectoryException e)
        {
            return e.Message;
        }
    }
}
