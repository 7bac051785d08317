using CsCheck;

namespace Leyden.Diffusion.Tests;

/// <summary>What holds for any number of steps.</summary>
public sealed class SchedulerTests
{
    private static readonly Gen<SchedulerConfig> _configs = Gen.Select(
        Gen.Enum<TimestepSpacing>(),
        Gen.Enum<PredictionType>(),
        (spacing, prediction) => new SchedulerConfig { TimestepSpacing = spacing, PredictionType = prediction }
    );

    private static readonly Gen<(SchedulerKind Kind, SchedulerConfig Config, int Steps)> _runs = Gen.Select(
        Gen.Enum<SchedulerKind>(),
        _configs,
        Gen.Int[1, 60]
    );

    /// <summary>
    /// A model that knows the picture tells the noise exactly. Then every method ends at the picture, with these exceptions, which are the
    /// reference's own: DDIM and PNDM step by a whole number of timesteps, which does not lead to the end when that is no divisor; PNDM
    /// takes its second call for one at equal distance, which it is not with linspace, and extrapolates velocities, which are not constant.
    /// </summary>
    [Fact]
    public void A_perfect_denoiser_recovers_the_picture() =>
        _runs
            .Where(run => IsExact(run.Kind, run.Config, run.Steps))
            .Sample(
                run =>
                {
                    var config = run.Config with { SetAlphaToOne = true };
                    var picture = NormalPicture(64, 3);
                    var latents = Denoise(Scheduler.Create(run.Kind, config, run.Steps), config, picture, seed: 5);

                    var worst = latents.Zip(picture, (a, b) => Math.Abs(a - b)).Max();
                    Assert.True(worst < 1e-4, $"{run.Kind}, {run.Steps} steps, {config.TimestepSpacing}: {worst:g3}");
                },
                iter: 400
            );

    [Fact]
    public void The_model_is_called_as_often_as_the_method_says() =>
        _runs.Sample(run =>
        {
            var expected = run.Kind switch
            {
                SchedulerKind.HeunDiscrete or SchedulerKind.DpmPlusPlus2MSde => (2 * run.Steps) - 1,
                SchedulerKind.Pndm => run.Steps == 1 ? 1 : run.Steps + 1,
                _ => run.Steps,
            };
            Assert.Equal(expected, Scheduler.Create(run.Kind, run.Config, run.Steps).CallCount);
        });

    [Fact]
    public void Timesteps_fall_from_call_to_call_and_lie_within_the_training() =>
        _runs.Sample(run =>
        {
            var scheduler = Scheduler.Create(run.Kind, run.Config, run.Steps);
            var timesteps = Enumerable.Range(0, scheduler.CallCount).Select(scheduler.TimestepOf).ToList();

            Assert.All(timesteps, timestep => Assert.InRange(timestep, 0, 999));
            // The second call of a KDPM2 step is at the next timestep but for rounding.
            Assert.All(timesteps.Zip(timesteps.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 0.02f));
            Assert.True(timesteps[^1] < timesteps[0] || run.Steps == 1);
        });

    [Fact]
    public void A_trailing_run_has_its_steps_where_the_quotient_is_rounded_up() =>
        // In the reference these have one more, at timestep −1.
        Assert.All(
            [61, 103, 122, 998],
            steps =>
            {
                var config = new SchedulerConfig { TimestepSpacing = TimestepSpacing.Trailing };
                var scheduler = Scheduler.Create(SchedulerKind.KEuler, config, steps);
                Assert.Equal(steps, scheduler.CallCount);
                Assert.Equal(999, scheduler.TimestepOf(0));
                Assert.InRange(scheduler.TimestepOf(steps - 1), 0, 999 / steps);
            }
        );

    [Fact]
    public void Ancestral_noise_fills_what_the_deterministic_part_went_too_far_down() =>
        Gen.Select(Gen.Float[0.01f, 100], Gen.Float[0.001f, 1])
            .Sample(
                (sigma, share) =>
                {
                    var next = sigma * share;
                    var (down, up) = SigmaSteps.Ancestral(sigma, next);
                    Assert.Equal(next * next, (down * down) + (up * up), 1e-5 * next * next);
                    Assert.InRange(up, 0, next);
                }
            );

    /// <summary>With a model that says "no noise", what one ancestral step adds is noise of the variance up².</summary>
    [Theory]
    [InlineData(SchedulerKind.KEulerAncestral, 1)]
    [InlineData(SchedulerKind.DpmPlusPlus2MSde, 2)]
    public void Ancestral_noise_has_its_variance(SchedulerKind kind, int calls)
    {
        const int Length = 100_000;
        var config = new SchedulerConfig { TimestepSpacing = TimestepSpacing.Trailing };
        var scheduler = Scheduler.Create(kind, config, 4);
        var sigmas = ((SigmaRun)scheduler).Sigmas;
        var latents = new float[Length];
        for (var i = 0; i < calls; i++)
        {
            scheduler.Step(i, new float[Length], latents, new NormalNoise(9));
        }

        var (_, up) = SigmaSteps.Ancestral(sigmas[0], sigmas[1]);
        var variance = latents.Sum(value => (double)value * value) / Length;
        Assert.Equal(1, variance / (up * up), 0.02);
    }

    /// <summary>Cosine betas end at σ 20,000, zero terminal SNR at 4,096: squares of those leave nothing of small numbers. The reference gives NaN in places.</summary>
    [Fact]
    public void Extreme_noise_levels_give_numbers() =>
        Gen.Select(_runs, Gen.Enum<BetaSchedule>(), Gen.Bool, Gen.Bool, Gen.Int[0, 999])
            .Sample(
                (run, betas, zeroSnr, karras, offset) =>
                {
                    var config = run.Config with
                    {
                        BetaSchedule = betas,
                        RescaleBetasZeroSnr = zeroSnr,
                        UseKarrasSigmas = karras,
                        StepsOffset = offset,
                    };
                    var scheduler = Scheduler.Create(run.Kind, config, run.Steps);
                    var (latents, scaled) = (NormalPicture(8, 1), new float[8]);
                    for (var call = 0; call < scheduler.CallCount; call++)
                    {
                        scheduler.ScaleInput(call, latents, scaled);
                        var output = ReferenceRuns.Model(scaled, scheduler.TimestepOf(call));
                        scheduler.Step(call, output, latents, new NormalNoise(4));
                        Assert.All(latents, value => Assert.True(float.IsFinite(value), $"call {call}"));
                    }
                },
                iter: 400
            );

    [Fact]
    public void The_same_run_gives_the_same_latents() =>
        _runs.Sample(
            run =>
            {
                var picture = NormalPicture(16, 8);
                float[] Once() =>
                    Denoise(Scheduler.Create(run.Kind, run.Config, run.Steps), run.Config, picture, seed: 2);
                Assert.Equal(Once(), Once());
            },
            iter: 50
        );

    [Fact]
    public void Calls_out_of_order_and_of_other_lengths_are_refused()
    {
        var scheduler = Scheduler.Create(SchedulerKind.KEuler, new SchedulerConfig(), 2);
        var noise = new NormalNoise(0);

        var early = Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.Step(1, [1f], new float[1], noise));
        Assert.Contains("0 is the next", early.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => scheduler.Step(0, [1f, 2f], new float[1], noise));
        scheduler.Step(0, [1f], new float[1], noise);
        Assert.Throws<ArgumentException>(() => scheduler.Step(1, [1f, 1f], new float[2], noise));
        scheduler.Step(1, [1f], new float[1], noise);
        var late = Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.Step(2, [1f], new float[1], noise));
        Assert.Contains("has ended", late.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void A_number_of_steps_out_of_range_is_refused(int steps)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            Scheduler.Create(SchedulerKind.Ddim, new SchedulerConfig(), steps)
        );

        Assert.Contains("1 to 999 steps", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_those_of_the_published_model()
    {
        Assert.All(
            Enum.GetValues<SchedulerKind>(),
            kind => Assert.Equal(kind, SchedulerNames.Parse(SchedulerNames.NameOf(kind)))
        );
        Assert.False(SchedulerNames.TryParse("k_euler", out _));
        var fault = Assert.Throws<ArgumentException>(() => SchedulerNames.Parse("LMS"));
        Assert.Contains("'LMS' is no scheduler: DDIM, ", fault.Message, StringComparison.Ordinal);
    }

    private static bool IsExact(SchedulerKind kind, SchedulerConfig config, int steps)
    {
        var leadsToTheEnd =
            config.TimestepSpacing == TimestepSpacing.Leading
            || (config.TimestepSpacing == TimestepSpacing.Trailing && config.TrainTimesteps % steps == 0);
        return kind switch
        {
            SchedulerKind.Ddim => leadsToTheEnd,
            SchedulerKind.Pndm => leadsToTheEnd && config.PredictionType == PredictionType.Epsilon,
            _ => true,
        };
    }

    private static float[] NormalPicture(int length, uint seed)
    {
        var picture = new float[length];
        new NormalNoise(seed).Fill(0, picture);
        return picture;
    }

    private static float[] Denoise(IScheduler scheduler, SchedulerConfig config, float[] picture, uint seed)
    {
        var noise = new NormalNoise(seed);
        var schedule = new NoiseSchedule(config);
        var sigmaSpace = scheduler is SigmaRun;
        var (latents, scaled, output) = (
            new float[picture.Length],
            new float[picture.Length],
            new float[picture.Length]
        );
        noise.Fill(0, latents);
        for (var i = 0; i < latents.Length; i++)
        {
            latents[i] *= scheduler.InitialNoiseSigma;
        }

        for (var call = 0; call < scheduler.CallCount; call++)
        {
            scheduler.ScaleInput(call, latents, scaled);
            var sigma =
                sigmaSpace ? ((SigmaRun)scheduler).SigmaOf(call)
                : scheduler is DpmSolverMultistep solver ? solver.Sigmas[call]
                : schedule.Sigmas[(int)scheduler.TimestepOf(call)];
            var signal = 1 / Math.Sqrt((sigma * (double)sigma) + 1);
            for (var i = 0; i < picture.Length; i++)
            {
                // scaled = signal·picture + √(1−signal²)·noise
                var noiseInIt = (scaled[i] - (signal * picture[i])) / (sigma * signal);
                output[i] = (float)(
                    config.PredictionType == PredictionType.Epsilon
                        ? noiseInIt
                        : (signal * noiseInIt) - (sigma * signal * picture[i])
                );
            }

            scheduler.Step(call, output, latents, noise);
        }

        return latents;
    }
}
