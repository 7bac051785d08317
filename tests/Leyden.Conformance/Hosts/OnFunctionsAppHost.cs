using Leyden.Conformance.Areas;

namespace Leyden.Conformance.Hosts;

public sealed class BatchOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : BatchConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class CancelOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : CancelConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class ClientOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : ClientConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class CreateOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : CreateConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class DeadlineOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : DeadlineConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class DeleteOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : DeleteConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class DeliveryOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard, WebhookReceiver receiver)
    : DeliveryConformance<FunctionsAppHost>(hosts, scoreboard, receiver);

public sealed class ErrorOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : ErrorConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class EventOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : EventConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class FailureOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : FailureConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class HealthOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : HealthConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class IdempotencyOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : IdempotencyConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class ListOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : ListConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class OutputOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : OutputConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class OwnershipOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : OwnershipConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class QuotaOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : QuotaConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class ReadOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : ReadConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class RunOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : RunConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class StreamOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : StreamConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class WaitOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard)
    : WaitConformance<FunctionsAppHost>(hosts, scoreboard);

public sealed class WebhookOnFunctionsAppHost(HostPool hosts, Scoreboard scoreboard, WebhookReceiver receiver)
    : WebhookConformance<FunctionsAppHost>(hosts, scoreboard, receiver);
