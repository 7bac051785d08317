using Leyden.TestSupport;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]
