using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Leyden.Diffusion;

namespace Leyden.ModelServer.Tests;

/// <summary>
/// A model without a model: paints each picture in a colour that depends on its request and settings alone, as fast as it is let, and fails
/// when told to. Prompts with the word "nude" are flagged.
/// </summary>
internal sealed class DrawingModel : ITextToImage
{
    private readonly ConcurrentQueue<Exception> _faults = new();
    private readonly SemaphoreSlim _steps = new(0);
    private readonly Lock _gate = new();
    private readonly List<IReadOnlyList<PictureRequest>> _runs = [];
    private int _running;

    public ModelDescription Model { get; init; } = new("drawing", null, HasSafetyChecker: true, 8, 77, "0123");

    /// <summary>Whether every step waits for <see cref="Step"/>.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Whether a cancelled run goes on all the same.</summary>
    public bool IgnoresCancel { get; init; }

    /// <summary>How many tokens of each prompt are said to be cut.</summary>
    public int TokensCut { get; init; }

    /// <summary>What each picture is made of instead of one colour: noise that does not compress.</summary>
    public bool IsNoisy { get; init; }

    /// <summary>More pictures than this in a run are too many; 0 for no limit.</summary>
    public int MaxBatch { get; init; }

    /// <summary>All runs so far, finished or not.</summary>
    public IReadOnlyList<IReadOnlyList<PictureRequest>> Runs
    {
        get
        {
            lock (_gate)
            {
                return [.. _runs];
            }
        }
    }

    /// <summary>Runs at this moment, and the most that there were at once.</summary>
    public int Running => Volatile.Read(ref _running);

    public int MostAtOnce { get; private set; }

    public int Canceled { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>The next run fails.</summary>
    public void FailNext(Exception fault) => _faults.Enqueue(fault);

    /// <summary>Lets a held run make steps; 1,000 lets it finish.</summary>
    public void Step(int count = 1000) => _steps.Release(count);

    public async Task<IReadOnlyList<GeneratedPicture>> GenerateAsync(
        BatchSettings settings,
        IReadOnlyList<PictureRequest> pictures,
        IProgress<DenoisingProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        Enter(pictures);
        try
        {
            var total = settings.Steps * pictures.Count;
            for (var step = 0; step <= total; step++)
            {
                progress?.Report(new DenoisingProgress(step, total));
                if (IsHeld && step < total)
                {
                    await _steps.WaitAsync(IgnoresCancel ? CancellationToken.None : cancellationToken);
                }
            }

            if (_faults.TryDequeue(out var fault))
            {
                throw fault;
            }

            return MaxBatch > 0 && pictures.Count > MaxBatch
                ? throw new InvalidOperationException("out of memory")
                : [.. pictures.Select(p => Draw(settings, p))];
        }
        catch (OperationCanceledException)
        {
            Canceled++;
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }

    /// <summary>The colour of a picture.</summary>
    public static byte[] ColourOf(BatchSettings settings, PictureRequest picture) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{settings} {picture}"))[..3];

    private void Enter(IReadOnlyList<PictureRequest> pictures)
    {
        lock (_gate)
        {
            _runs.Add(pictures);
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _running));
        }
    }

    private GeneratedPicture Draw(BatchSettings settings, PictureRequest picture)
    {
        var rgb = new byte[3 * settings.Width * settings.Height];
        if (IsNoisy)
        {
            RandomNumberGenerator.Fill(rgb);
        }
        else
        {
            var colour = ColourOf(settings, picture);
            for (var i = 0; i < rgb.Length; i++)
            {
                rgb[i] = colour[i % 3];
            }
        }

        var isFlagged = settings.CheckSafety && picture.Prompt.Contains("nude", StringComparison.Ordinal);
        return new GeneratedPicture(new RgbImage(settings.Width, settings.Height, rgb), isFlagged, TokensCut);
    }
}
