using Leyden.Conformance.Areas;

namespace Leyden.Conformance.Hosts;

public sealed class BatchOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : BatchConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class CancelOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : CancelConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class ClientOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : ClientConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class CreateOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : CreateConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class DeadlineOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : DeadlineConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class DeleteOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : DeleteConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class DeliveryOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard, WebhookReceiver receiver)
    : DeliveryConformance<EnvironmentHost>(hosts, scoreboard, receiver);

public sealed class ErrorOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : ErrorConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class EventOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : EventConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class FailureOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : FailureConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class HealthOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : HealthConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class IdempotencyOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : IdempotencyConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class ListOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : ListConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class OutputOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : OutputConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class OwnershipOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : OwnershipConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class QuotaOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : QuotaConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class ReadOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : ReadConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class RunOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : RunConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class StreamOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : StreamConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class WaitOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard)
    : WaitConformance<EnvironmentHost>(hosts, scoreboard);

public sealed class WebhookOnEnvironmentHost(HostPool hosts, Scoreboard scoreboard, WebhookReceiver receiver)
    : WebhookConformance<EnvironmentHost>(hosts, scoreboard, receiver);
