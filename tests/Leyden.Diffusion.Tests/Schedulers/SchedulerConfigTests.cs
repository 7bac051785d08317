namespace Leyden.Diffusion.Tests;

public sealed class SchedulerConfigTests : IDisposable
{
    /// <summary>As the published SDXL has it.</summary>
    private const string Sdxl = """
        {"_class_name": "EulerDiscreteScheduler", "_diffusers_version": "0.19.0.dev0", "beta_end": 0.012,
        "beta_schedule": "scaled_linear", "beta_start": 0.00085, "clip_sample": false, "interpolation_type": "linear",
        "num_train_timesteps": 1000, "prediction_type": "epsilon", "sample_max_value": 1.0, "set_alpha_to_one": false,
        "skip_prk_steps": true, "steps_offset": 1, "timestep_spacing": "leading", "trained_betas": null,
        "use_karras_sigmas": false}
        """;

    private readonly string _path = Path.GetTempFileName();

    [Fact]
    public void The_configuration_of_sdxl_is_the_default() => Assert.Equal(new SchedulerConfig(), Read(Sdxl));

    [Fact]
    public void Keys_that_are_absent_have_the_defaults_of_the_reference()
    {
        var config = Read(
            """{"num_train_timesteps": 1000, "beta_start": 0.0001, "beta_end": 0.02, "lambda_min_clipped": -Infinity}"""
        );

        Assert.Equal(
            new SchedulerConfig
            {
                BetaStart = 0.0001,
                BetaEnd = 0.02,
                BetaSchedule = BetaSchedule.Linear,
                TimestepSpacing = null,
                StepsOffset = 0,
                SetAlphaToOne = null,
            },
            config
        );
        Assert.Equal([801f, 601f, 401f, 201f, 1f], Timesteps(SchedulerKind.Ddim, config with { StepsOffset = 1 }));
        Assert.Equal([999f, 749.25f, 499.5f, 249.75f, 0f], Timesteps(SchedulerKind.KEuler, config));
    }

    [Theory]
    [InlineData(
        "\"beta_schedule\": \"scaled_linear\"",
        "\"beta_schedule\": \"sigmoid\"",
        "beta_schedule is \"sigmoid\"; allowed: linear, scaled_linear, squaredcos_cap_v2"
    )]
    [InlineData("\"epsilon\"", "\"sample\"", "prediction_type is \"sample\"; allowed: epsilon, v_prediction")]
    [InlineData("\"leading\"", "\"even\"", "timestep_spacing is \"even\"; allowed: leading, trailing, linspace")]
    [InlineData("\"beta_start\": 0.00085", "\"beta_start\": \"x\"", "beta_start is \"x\"; allowed: a number from")]
    [InlineData("\"beta_start\": 0.00085, ", "", "beta_start is missing; allowed: a number from")]
    [InlineData("1000", "1000.5", "num_train_timesteps is 1000.5; allowed: a whole number from 2 to 1000000")]
    [InlineData(
        "\"steps_offset\": 1",
        "\"steps_offset\": 1000",
        "steps_offset is 1000; allowed: a whole number from 0 to 999"
    )]
    [InlineData(
        "\"trained_betas\": null",
        "\"trained_betas\": [0.1]",
        "trained_betas is [0.1]; allowed: null, or 1000 numbers between 0 and 1"
    )]
    [InlineData("\"clip_sample\": false", "\"clip_sample\": true", "clip_sample is true; allowed: false")]
    [InlineData("\"skip_prk_steps\": true", "\"skip_prk_steps\": false", "skip_prk_steps is false; allowed: true")]
    [InlineData(
        "\"use_karras_sigmas\": false",
        "\"use_karras_sigmas\": 1",
        "use_karras_sigmas is 1; allowed: true, false"
    )]
    [InlineData(
        "\"use_karras_sigmas\": false",
        "\"algorithm_type\": \"sde-dpmsolver++\"",
        "algorithm_type is \"sde-dpmsolver++\"; allowed: dpmsolver++"
    )]
    [InlineData(
        "EulerDiscreteScheduler",
        "FlowMatchEulerDiscreteScheduler",
        "_class_name is \"FlowMatchEulerDiscreteScheduler\"; allowed: DDIMScheduler, "
    )]
    [InlineData("\"steps_offset\": 1,", "\"steps_offset\": 1", "the file is not JSON")]
    public void What_can_not_be_used_is_named(string before, string after, string problem)
    {
        var fault = Assert.Throws<ModelDirectoryException>(() =>
            Read(Sdxl.Replace(before, after, StringComparison.Ordinal))
        );

        Assert.StartsWith($"{_path}: {problem}", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "the file is not a JSON object")]
    [InlineData("", "the file is not JSON")]
    public void A_file_that_is_something_else_is_named(string text, string problem) =>
        Assert.StartsWith(
            $"{_path}: {problem}",
            Assert.Throws<ModelDirectoryException>(() => Read(text)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_missing_file_is_named()
    {
        var path = Path.Combine(_path + "-no", "scheduler_config.json");

        var fault = Assert.Throws<ModelDirectoryException>(() => SchedulerConfig.Read(path));

        Assert.Equal($"{path}: the file is missing", fault.Message);
    }

    public void Dispose() => File.Delete(_path);

    private static float[] Timesteps(SchedulerKind kind, SchedulerConfig config)
    {
        var scheduler = Scheduler.Create(kind, config, 5);
        return [.. Enumerable.Range(0, scheduler.CallCount).Select(scheduler.TimestepOf)];
    }

    private SchedulerConfig Read(string text)
    {
        File.WriteAllText(_path, text);
        return SchedulerConfig.Read(_path);
    }
}
