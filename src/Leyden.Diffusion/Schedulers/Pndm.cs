using System.Numerics.Tensors;

namespace Leyden.Diffusion;

/// <summary>
/// Pseudo numerical methods for diffusion models (Liu, Ren, Lin and Zhao 2022, arXiv 2202.09778): linear multistep of up to fourth order over
/// equation 9, without the Runge-Kutta start, as SDXL configures it. Instead the second timestep is asked twice and the first step made again
/// with the mean of both answers: steps + 1 calls, or 1 for one step.
/// </summary>
internal sealed class Pndm : DenoisingRun
{
    private static readonly (float[] Weights, float Divisor)[] _orders =
    [
        ([1], 1),
        ([3, -1], 2),
        ([23, -16, 5], 12),
        ([55, -59, 37, -9], 24),
    ];

    private readonly PredictionType _prediction;
    private readonly (float From, float To)[] _alphaBars;
    private readonly List<float[]> _answers = [];
    private float[] _start = [];
    private float[] _mean = [];

    public Pndm(SchedulerConfig config, int steps)
        : this(config, steps, CallTimesteps(Timesteps.Whole(config, steps))) { }

    private Pndm(SchedulerConfig config, int steps, int[] timesteps)
        : base(Array.ConvertAll(timesteps, timestep => (float)timestep), 1)
    {
        _prediction = config.PredictionType;
        var alphaBars = new NoiseSchedule(config).AlphaBars;
        var distance = config.TrainTimesteps / steps;
        var last = config.SetAlphaToOne ?? false ? 1 : alphaBars[0];
        _alphaBars =
        [
            .. timesteps.Select(
                (timestep, call) =>
                {
                    var from = call == 1 ? Math.Min(timestep + distance, alphaBars.Length - 1) : timestep;
                    var to = call == 1 ? timestep : timestep - distance;
                    return (alphaBars[from], to >= 0 ? alphaBars[to] : last);
                }
            ),
        ];
    }

    protected override void Apply(int call, ReadOnlySpan<float> output, Span<float> latents, INoiseSource noise)
    {
        var mean = Sized(ref _mean, latents.Length);
        if (call == 1)
        {
            Combine(1, output, 1, _answers[0], mean);
            TensorPrimitives.Multiply(mean, 0.5f, mean);
            _start.CopyTo(latents);
        }
        else
        {
            Remember(output);
            var (weights, divisor) = _orders[_answers.Count - 1];
            TensorPrimitives.Multiply(_answers[0], weights[0], mean);
            for (var i = 1; i < weights.Length; i++)
            {
                TensorPrimitives.MultiplyAdd(_answers[i], weights[i], mean, mean);
            }

            TensorPrimitives.Divide(mean, divisor, mean);
        }

        if (call == 0)
        {
            latents.CopyTo(Sized(ref _start, latents.Length));
        }

        Transfer(call, mean, latents);
    }

    /// <summary>Equation 9: the latents of one timestep from those of another and the noise in them.</summary>
    private void Transfer(int call, Span<float> answer, Span<float> latents)
    {
        var (from, to) = _alphaBars[call];
        if (_prediction == PredictionType.VPrediction)
        {
            Combine(MathF.Sqrt(from), answer, MathF.Sqrt(1 - from), latents, answer);
        }

        var denominator = (from * MathF.Sqrt(1 - to)) + MathF.Sqrt(from * (1 - from) * to);
        TensorPrimitives.Multiply(answer, from - to, answer);
        TensorPrimitives.Divide(answer, denominator, answer);
        TensorPrimitives.MultiplyAdd(latents, MathF.Sqrt(to / from), answer, latents);
    }

    /// <summary>Keeps the last four answers, newest first.</summary>
    private void Remember(ReadOnlySpan<float> output)
    {
        var full = _answers.Count == _orders.Length;
        var buffer = full ? _answers[^1] : new float[output.Length];
        if (full)
        {
            _answers.RemoveAt(_answers.Count - 1);
        }

        output.CopyTo(buffer);
        _answers.Insert(0, buffer);
    }

    private static int[] CallTimesteps(int[] timesteps) =>
        timesteps.Length == 1 ? timesteps : [timesteps[0], timesteps[1], .. timesteps[1..]];
}
