using Leyden.Benchmarks.Engine;

// Verbs: one per benchmark. Those with a second word are processes that a benchmark starts for itself.
return args switch
{
    ["engine", .. var options] => await EngineBenchmark.RunAsync(options),
    [EngineStart.Verb, var path] => await EngineStart.RunAsync(path),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        usage: dotnet run -c Release --project benchmarks/Leyden.Benchmarks -- VERB
          engine [--quick]   the embedded durable engine beside others: latency, throughput, start and memory
        """
    );
    return 2;
}
