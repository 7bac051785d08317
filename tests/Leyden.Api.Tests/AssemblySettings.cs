using Xunit.v3;

// The tests mostly wait: for engines, timers and emulated models. More of them at once than processors cost nothing.
[assembly: Parallelization(MaxThreads = 8)]
