using Leyden.DurableTask.Sqlite.Tests.Conformance;

[assembly: AssemblyFixture(typeof(EngineHosts))]
// Most tests here wait for timers and queues instead of computing: more of them at once than there are cores.
[assembly: Xunit.v3.Parallelization(MaxThreads = 12)]
