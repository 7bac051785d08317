using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Leyden.Diffusion;

/// <summary>
/// <c>scheduler_config.json</c> as diffusers writes it. Keys that no scheduler here looks at are passed over; those that would change the
/// result in a way that is not built are refused.
/// </summary>
internal sealed partial class SchedulerConfigFile
{
    private static readonly string[] _classes =
    [
        .. "DDIM DDPM DEISMultistep DPMSolverMultistep DPMSolverSDE DPMSolverSinglestep EulerAncestralDiscrete EulerDiscrete"
            .Split(' ')
            .Concat(
                "HeunDiscrete KDPM2AncestralDiscrete KDPM2Discrete LCM LMSDiscrete PNDM TCD UniPCMultistep".Split(' ')
            )
            .Select(name => name + "Scheduler"),
    ];

    private readonly string _path;
    private readonly JsonElement _root;

    private SchedulerConfigFile(string path, JsonElement root) => (_path, _root) = (path, root);

    public static SchedulerConfig Read(string path)
    {
        try
        {
            // Python writes minus infinity as a bare word, which is not JSON.
            var text = BareInfinity().Replace(File.ReadAllText(path), "$1\"$2\"");
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new ModelDirectoryException(path, "the file is not a JSON object");
            }

            return new SchedulerConfigFile(path, document.RootElement).Config();
        }
        catch (JsonException fault)
        {
            throw new ModelDirectoryException(path, $"the file is not JSON: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelDirectoryException(path, "the file is missing", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ModelDirectoryException(path, $"the file can not be read: {fault.Message}", fault);
        }
    }

    private SchedulerConfig Config()
    {
        RefuseWhatIsNotBuilt();
        var trainTimesteps = (int)Number("num_train_timesteps", 2, 1_000_000, whole: true);
        var betas = Betas(trainTimesteps);
        return new SchedulerConfig
        {
            TrainTimesteps = trainTimesteps,
            TrainedBetas = betas,
            BetaStart = betas is null ? Number("beta_start", double.Epsilon, 0.9999) : double.NaN,
            BetaEnd = betas is null ? Number("beta_end", double.Epsilon, 0.9999) : double.NaN,
            BetaSchedule = Choice(
                "beta_schedule",
                BetaSchedule.Linear,
                ("linear", BetaSchedule.Linear),
                ("scaled_linear", BetaSchedule.ScaledLinear),
                ("squaredcos_cap_v2", BetaSchedule.SquaredCosine)
            ),
            PredictionType = Choice(
                "prediction_type",
                PredictionType.Epsilon,
                ("epsilon", PredictionType.Epsilon),
                ("v_prediction", PredictionType.VPrediction)
            ),
            TimestepSpacing = Choice<TimestepSpacing?>(
                "timestep_spacing",
                null,
                ("leading", TimestepSpacing.Leading),
                ("trailing", TimestepSpacing.Trailing),
                ("linspace", TimestepSpacing.Linspace)
            ),
            FinalSigma = Choice(
                "final_sigmas_type",
                FinalSigma.Zero,
                ("zero", FinalSigma.Zero),
                ("sigma_min", FinalSigma.SigmaMin)
            ),
            StepsOffset = (int)Number("steps_offset", 0, trainTimesteps - 1, whole: true, absent: 0),
            SetAlphaToOne = Switch("set_alpha_to_one"),
            UseKarrasSigmas = Switch("use_karras_sigmas") ?? false,
            RescaleBetasZeroSnr = Switch("rescale_betas_zero_snr") ?? false,
            LowerOrderFinal = Switch("lower_order_final") ?? true,
            EulerAtFinal = Switch("euler_at_final") ?? false,
            LambdaMinClipped = Number(
                "lambda_min_clipped",
                double.NegativeInfinity,
                0,
                absent: double.NegativeInfinity
            ),
        };
    }

    private void RefuseWhatIsNotBuilt()
    {
        if (Value("_class_name") is { } name && !_classes.Contains(name.ToString(), StringComparer.Ordinal))
        {
            throw Refused("_class_name", name, string.Join(", ", _classes));
        }

        Only("thresholding", "false");
        Only("clip_sample", "false");
        Only("skip_prk_steps", "true");
        Only("solver_order", "2");
        Only("solver_type", "midpoint");
        Only("algorithm_type", "dpmsolver++");
        Only("interpolation_type", "linear");
        Only("timestep_type", "discrete");
        Only("use_exponential_sigmas", "false");
        Only("use_beta_sigmas", "false");
        Only("use_lu_lambdas", "false");
        Only("use_flow_sigmas", "false");
        Only("use_dynamic_shifting", "false");
        Only("variance_type", "null");
        Only("sigma_min", "null");
        Only("sigma_max", "null");
    }

    private double[]? Betas(int count)
    {
        if (Value("trained_betas") is not { } value)
        {
            return null;
        }

        var betas =
            value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(beta => beta.ValueKind == JsonValueKind.Number)
                ? value.EnumerateArray().Select(beta => beta.GetDouble()).ToArray()
                : [];
        return betas.Length == count && Array.TrueForAll(betas, beta => beta is > 0 and < 1)
            ? betas
            : throw Refused("trained_betas", value, $"null, or {count} numbers between 0 and 1");
    }

    private double Number(string key, double min, double max, bool whole = false, double? absent = null)
    {
        var allowed = $"a {(whole ? "whole " : "")}number from {Invariant(min)} to {Invariant(max)}";
        if (Value(key) is not { } value)
        {
            return absent ?? throw new ModelDirectoryException(_path, $"{key} is missing; allowed: {allowed}");
        }

        // Minus infinity is text by now.
        var isNumber = double.TryParse(
            value.ToString(),
            NumberStyles.Float,
            CultureInfo.InvariantCulture,
            out var number
        );
        return isNumber && number >= min && number <= max && (!whole || Math.Floor(number) == number)
            ? number
            : throw Refused(key, value, allowed);
    }

    private T Choice<T>(string key, T absent, params (string Name, T Value)[] choices)
    {
        if (Value(key) is not { } value)
        {
            return absent;
        }

        var index = Array.FindIndex(choices, choice => choice.Name == value.ToString());
        return index >= 0
            ? choices[index].Value
            : throw Refused(key, value, string.Join(", ", choices.Select(choice => choice.Name)));
    }

    private bool? Switch(string key) =>
        Value(key) switch
        {
            null => null,
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            { } value => throw Refused(key, value, "true, false"),
        };

    private void Only(string key, string allowed)
    {
        if (Value(key) is { } value && !string.Equals(value.ToString(), allowed, StringComparison.OrdinalIgnoreCase))
        {
            throw Refused(key, value, allowed);
        }
    }

    /// <summary>The value of a key; null when it is absent or null.</summary>
    private JsonElement? Value(string key) =>
        _root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private ModelDirectoryException Refused(string key, JsonElement value, string allowed)
    {
        var text = value.GetRawText();
        return new(_path, $"{key} is {(text.Length <= 60 ? text : text[..60] + "…")}; allowed: {allowed}");
    }

    private static string Invariant(double number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("""("\s*:\s*)(-?Infinity|NaN)(?=\s*[,}])""")]
    private static partial Regex BareInfinity();
}
