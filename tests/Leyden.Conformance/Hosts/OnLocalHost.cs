using Leyden.Conformance.Areas;

namespace Leyden.Conformance.Hosts;

public sealed class BatchOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : BatchConformance<LocalHost>(hosts, scoreboard);

public sealed class CancelOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : CancelConformance<LocalHost>(hosts, scoreboard);

public sealed class ClientOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : ClientConformance<LocalHost>(hosts, scoreboard);

public sealed class CreateOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : CreateConformance<LocalHost>(hosts, scoreboard);

public sealed class DeadlineOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : DeadlineConformance<LocalHost>(hosts, scoreboard);

public sealed class DeleteOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : DeleteConformance<LocalHost>(hosts, scoreboard);

public sealed class DeliveryOnLocalHost(HostPool hosts, Scoreboard scoreboard, WebhookReceiver receiver)
    : DeliveryConformance<LocalHost>(hosts, scoreboard, receiver);

public sealed class ErrorOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : ErrorConformance<LocalHost>(hosts, scoreboard);

public sealed class EventOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : EventConformance<LocalHost>(hosts, scoreboard);

public sealed class FailureOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : FailureConformance<LocalHost>(hosts, scoreboard);

public sealed class HealthOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : HealthConformance<LocalHost>(hosts, scoreboard);

public sealed class IdempotencyOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : IdempotencyConformance<LocalHost>(hosts, scoreboard);

public sealed class ListOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : ListConformance<LocalHost>(hosts, scoreboard);

public sealed class OutputOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : OutputConformance<LocalHost>(hosts, scoreboard);

public sealed class OwnershipOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : OwnershipConformance<LocalHost>(hosts, scoreboard);

public sealed class QuotaOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : QuotaConformance<LocalHost>(hosts, scoreboard);

public sealed class ReadOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : ReadConformance<LocalHost>(hosts, scoreboard);

public sealed class RunOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : RunConformance<LocalHost>(hosts, scoreboard);

public sealed class StreamOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : StreamConformance<LocalHost>(hosts, scoreboard);

public sealed class WaitOnLocalHost(HostPool hosts, Scoreboard scoreboard)
    : WaitConformance<LocalHost>(hosts, scoreboard);

public sealed class WebhookOnLocalHost(HostPool hosts, Scoreboard scoreboard, WebhookReceiver receiver)
    : WebhookConformance<LocalHost>(hosts, scoreboard, receiver);
