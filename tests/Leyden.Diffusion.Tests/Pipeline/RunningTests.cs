using Leyden.Diffusion.Tests.Tiny;

namespace Leyden.Diffusion.Tests.Pipeline;

/// <summary>Cancellation, concurrent runs, and the end of a pipeline.</summary>
public sealed class RunningTests
{
    /// <summary>Products in a row that take minutes; a run that is not ended within a call would go on for as long.</summary>
    private const int Minutes = 4_000;

    [Fact]
    public async Task A_cancelled_run_ends_within_a_call_of_the_model()
    {
        using var directory = new TinyDirectory(new TinyModelOptions { Labour = Minutes });
        await using var pipeline = directory.Open();
        using var cancel = new CancellationTokenSource();
        var reports = 0;
        await pipeline.WarmUpAsync(TestContext.Current.CancellationToken);

        var run = pipeline.GenerateAsync(
            Ask.Settings with
            {
                Steps = 1,
            },
            [Ask.Picture(1)],
            new Reports(_ => reports++),
            cancel.Token
        );
        cancel.CancelAfter(TimeSpan.FromMilliseconds(500));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(0, reports);
    }

    [Fact]
    public async Task A_cancelled_run_ends_between_calls_and_leaves_the_pipeline_usable()
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();
        using var cancel = new CancellationTokenSource();
        var before = await pipeline.RgbAsync(Ask.Settings, Ask.Picture(1));
        var last = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            pipeline.GenerateAsync(
                Ask.Settings with
                {
                    Steps = 10,
                },
                [Ask.Picture(1), Ask.Picture(2)],
                new Reports(report =>
                {
                    last = report.CompletedSteps;
                    if (last == 3)
                    {
                        cancel.Cancel();
                    }
                }),
                cancel.Token
            )
        );

        Assert.Equal(3, last);
        Assert.Equal(before, await pipeline.RgbAsync(Ask.Settings, Ask.Picture(1)));
    }

    [Fact]
    public async Task As_many_runs_as_allowed_go_on_at_once_and_the_others_wait()
    {
        const int Allowed = 2;
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open(new PipelineOptions { Threads = 1, MaxConcurrentRuns = Allowed });
        using var bothRun = new CountdownEvent(Allowed);
        var (active, most) = (0, 0);

        var runs = Enumerable
            .Range(0, 8)
            .Select(i =>
                pipeline.GenerateAsync(
                    Ask.Settings,
                    [Ask.Picture((uint)i)],
                    new Reports(report =>
                    {
                        if (report.CompletedSteps == report.TotalSteps)
                        {
                            Interlocked.Decrement(ref active);
                            return;
                        }

                        var now = Interlocked.Increment(ref active);
                        InterlockedMax(ref most, now);
                        if (!bothRun.IsSet)
                        {
                            bothRun.Signal();
                            Assert.True(bothRun.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
                        }
                    }),
                    TestContext.Current.CancellationToken
                )
            )
            .ToList();
        var pictures = await Task.WhenAll(runs);

        Assert.Equal(Allowed, most);
        for (var i = 0; i < pictures.Length; i++)
        {
            Assert.Equal(await pipeline.RgbAsync(Ask.Settings, Ask.Picture((uint)i)), pictures[i][0].Image.Rgb);
        }
    }

    [Fact]
    public async Task A_run_that_waits_can_be_cancelled()
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open();
        using var cancel = new CancellationTokenSource();
        using var started = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var first = pipeline.GenerateAsync(
            Ask.Settings,
            [Ask.Picture(1)],
            new Reports(_ =>
            {
                started.Set();
                release.Wait(TestContext.Current.CancellationToken);
            }),
            TestContext.Current.CancellationToken
        );
        await Task.Run(
            () => started.Wait(TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken
        );

        var second = pipeline.GenerateAsync(Ask.Settings, [Ask.Picture(2)], null, cancel.Token);
        cancel.Cancel();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        release.Set();
        Assert.Single(await first);
    }

    [Fact]
    public async Task Disposal_waits_for_the_run_that_is_under_way_and_refuses_those_behind_it()
    {
        using var directory = new TinyDirectory();
        var pipeline = directory.Open();
        using var started = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var running = pipeline.GenerateAsync(
            Ask.Settings,
            [Ask.Picture(1)],
            new Reports(_ =>
            {
                started.Set();
                release.Wait(TestContext.Current.CancellationToken);
            }),
            TestContext.Current.CancellationToken
        );
        await Task.Run(
            () => started.Wait(TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken
        );
        var waiting = pipeline.AskAsync(Ask.Settings, Ask.Picture(2));

        var disposal = pipeline.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        release.Set();

        Assert.Single(await running);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await disposal;
        await pipeline.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pipeline.AskAsync(Ask.Settings, Ask.Picture(3)));
    }

    [Fact]
    public async Task A_decoder_that_overflows_is_a_fault_and_no_black_picture()
    {
        using var directory = new TinyDirectory(new TinyModelOptions { BrokenVae = true });
        await using var pipeline = directory.Open();

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            pipeline.AskAsync(Ask.Settings, Ask.Picture(1))
        );

        Assert.Contains("not a number", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CUDA_without_its_package_is_one_readable_line()
    {
        using var directory = new TinyDirectory();
        await using var pipeline = directory.Open(new PipelineOptions { Provider = ExecutionProvider.Cuda });

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            pipeline.WarmUpAsync(TestContext.Current.CancellationToken)
        );

        Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MaxConcurrentRuns")]
    [InlineData("Threads")]
    [InlineData("DeviceId")]
    [InlineData("PicturesPerCall")]
    [InlineData("Provider")]
    public void Options_out_of_range_are_refused_by_name(string name)
    {
        using var directory = new TinyDirectory();
        var wrong = name switch
        {
            "MaxConcurrentRuns" => new PipelineOptions { MaxConcurrentRuns = 0 },
            "Threads" => new PipelineOptions { Threads = -1 },
            "DeviceId" => new PipelineOptions { DeviceId = -1 },
            "PicturesPerCall" => new PipelineOptions { PicturesPerCall = 0 },
            _ => new PipelineOptions { Provider = (ExecutionProvider)9 },
        };

        var fault = Assert.ThrowsAny<ArgumentException>(() => SdxlPipeline.Open(directory.Root, wrong));

        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; )
        {
            seen = Interlocked.CompareExchange(ref most, value, seen) == seen ? value : Volatile.Read(ref most);
        }
    }
}
