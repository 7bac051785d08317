using Leyden.TestSupport;
using Xunit.v3;

// The tests mostly wait. More of them at once than processors cost nothing.
[assembly: Parallelization(MaxThreads = 8)]
[assembly: AssemblyFixture(typeof(AzuriteFixture))]
