using Leyden.Conformance;
using Leyden.Conformance.Hosts;
using Xunit.Sdk;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Scoreboard))]
[assembly: AssemblyFixture(typeof(HostPool))]
[assembly: AssemblyFixture(typeof(WebhookReceiver))]
[assembly: TestFramework(typeof(HostsInPlay))]
// Nearly all of a test's time is waiting for a host, so that many run at once, also those of one class.
[assembly: Parallelization(Mode = ParallelMode.All, MaxThreads = 12)]
