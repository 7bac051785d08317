using Leyden.Benchmarks.Diffusion;
using Leyden.Benchmarks.EndToEnd;
using Leyden.Benchmarks.Engine;
using Leyden.Benchmarks.ModelServing;
using Leyden.Benchmarks.Scale;
using Microsoft.Extensions.DependencyInjection;

await using var services = new ServiceCollection().AddHttpClient().BuildServiceProvider();
var http = services.GetRequiredService<IHttpClientFactory>();

// Verbs: one per benchmark. Those with a second word are processes that a benchmark starts for itself.
return args switch
{
    ["engine", .. var options] => await EngineBenchmark.RunAsync(options),
    [EngineStart.Verb, var path] => await EngineStart.RunAsync(path),
    ["overhead", ..] => await OverheadBenchmark.RunAsync(http),
    ["listing", ..] => await ListingBenchmark.RunAsync(),
    ["transactions", ..] => await TransactionsBenchmark.RunAsync(http),
    ["functions-start", ..] => await FunctionsStartBenchmark.RunAsync(http),
    ["deliveries", ..] => await DeliveriesBenchmark.RunAsync(http),
    ["references", ..] => await ReferencesBenchmark.RunAsync(),
    ["quota", ..] => await QuotaBenchmark.RunAsync(http),
    [ScaleBenchmark.Verb] => await ScaleBenchmark.RunAsync(),
    [BatchBenchmark.Verb, .. var options] => await BatchBenchmark.RunAsync(http, options),
    [PipelineBenchmark.Verb, .. var options] => await PipelineBenchmark.RunAsync(options),
    [ModelServerBenchmark.Verb, .. var options] => await ModelServerBenchmark.RunAsync(http, options),
    [QualityBenchmark.Verb, .. var options] => await QualityBenchmark.RunAsync(options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        usage: dotnet run -c Release --project benchmarks/Leyden.Benchmarks -- VERB
          engine [--quick]   the embedded durable engine beside others: latency, throughput, start and memory
          overhead           result-ready time beyond the model's own, and requests each, beside the 1-second polling loop
          listing            a page of predictions, newest and from the middle, of 1,000 and of 100,000
          transactions       storage transactions of a prediction on the Azure Storage task hub, and where they go
          functions-start    the Functions app from process start to its first answer, with and without ReadyToRun
          deliveries         webhooks a second, and how long after its prediction's end each comes
          quota              200 predictions at once through 60 requests a minute and 10 at once
          built-in-model     what the built-in model draws of what it is asked for, by scheduler and size; a sheet of pictures
          pipeline DIR [N]   the diffusion pipeline on the model in DIR: overhead, pictures a second, memory over N pictures
          references         tokenizer and schedulers beside the numbers of the reference implementations
          model-server [DIR] the model server with 1, 4 and 16 clients, on the model in DIR or the built-in one
          scale              the books of a backend with many processes, high quotas and long queues: transactions and bytes
          batch [N]          a batch of 10,000 through a backend without limits: pace, and the server's memory as it goes on
        """
    );
    return 2;
}
