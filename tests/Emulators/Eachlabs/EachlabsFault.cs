namespace Leyden.Emulators.Eachlabs;

/// <summary>
/// What can go wrong on command. In a prompt and over HTTP a fault goes by its kebab-case name:
/// <c>[[fault:drop-after]]</c>.
/// </summary>
public enum EachlabsFault
{
    /// <summary>Create: the connection breaks, nothing is accepted or billed.</summary>
    DropBefore,

    /// <summary>Create: accepted and billed, then the connection breaks before the answer.</summary>
    DropAfter,

    /// <summary>Create: accepted and billed, and the answer takes <see cref="EachlabsEmulatorOptions.SlowAnswer"/>.</summary>
    SlowCreate,

    /// <summary>Create: 400, not accepted.</summary>
    CreateBadRequest,

    /// <summary>Create: 401, not accepted.</summary>
    CreateUnauthorized,

    /// <summary>Create: 402, not accepted.</summary>
    CreatePaymentRequired,

    /// <summary>Create: 403, not accepted.</summary>
    CreateForbidden,

    /// <summary>Create: 404, not accepted.</summary>
    CreateNotFound,

    /// <summary>Create: 422, not accepted.</summary>
    CreateUnprocessable,

    /// <summary>Create: 429, not accepted.</summary>
    CreateThrottled,

    /// <summary>Create: 500, not accepted (the caller can not know).</summary>
    CreateServerError,

    /// <summary>Create: accepted and billed, and still answered with 500.</summary>
    CreateServerErrorAfter,

    /// <summary>Create: accepted and billed, and answered with a proxy's 502 page.</summary>
    CreateBadGateway,

    /// <summary>Create: accepted and billed, and answered with half a JSON document.</summary>
    CreateMalformed,

    /// <summary>Create: accepted and billed, and answered with 200 but no id.</summary>
    CreateWithoutId,

    /// <summary>Create: accepted and billed, and answered with 200 and more than a megabyte before the id.</summary>
    CreateHuge,

    /// <summary>Webhook: none comes.</summary>
    WebhookLost,

    /// <summary>Webhook: delivered before the create is answered. The prediction may be at any point by then.</summary>
    WebhookBeforeAnswer,

    /// <summary>Webhook: delivered twenty times at once.</summary>
    WebhookRepeated,

    /// <summary>Read: the connection breaks.</summary>
    GetDropped,

    /// <summary>Read: the answer takes <see cref="EachlabsEmulatorOptions.SlowAnswer"/>.</summary>
    SlowGet,

    /// <summary>Read: 500.</summary>
    GetServerError,

    /// <summary>Read: half a JSON document.</summary>
    GetMalformed,

    /// <summary>Read: 429.</summary>
    GetThrottled,

    /// <summary>Read: 404, as if the prediction were forgotten.</summary>
    GetNotFound,

    /// <summary>Read: 401, as if the key had been withdrawn.</summary>
    GetUnauthorized,

    /// <summary>Read: a prediction whose log is longer than a megabyte.</summary>
    GetHuge,

    /// <summary>The status word is one that nobody knows, until the prediction finishes.</summary>
    UnknownStatus,

    /// <summary>The prediction stays in <c>processing</c>.</summary>
    NeverFinish,

    /// <summary>The model fails: status <c>error</c> with <c>error_message</c>.</summary>
    ModelError,

    /// <summary>The model fails: status <c>failed</c> with <c>error</c>.</summary>
    ModelFailed,

    /// <summary>The model fails and only its log tells why.</summary>
    ModelErrorInLogs,

    /// <summary>The safety checker drops every picture, which fails the prediction.</summary>
    Nsfw,

    /// <summary>The safety checker drops the last picture.</summary>
    NsfwLast,

    /// <summary>A cancel is answered as ever, and the prediction runs on.</summary>
    CancelIgnored,

    /// <summary>Cancel: 500.</summary>
    CancelServerError,

    /// <summary>The status of a canceled prediction is spelled <c>canceled</c>.</summary>
    CanceledWithOneL,

    /// <summary>Success without any output.</summary>
    OutputNone,

    /// <summary>The output is a <c>data:</c> URL.</summary>
    OutputData,

    /// <summary>The output's URL answers 404.</summary>
    OutputNotFound,

    /// <summary>The output's URL answers 500.</summary>
    OutputServerError,

    /// <summary>The output is a PNG signature followed by 50 MB of noise, announced in Content-Length.</summary>
    OutputHuge,

    /// <summary>As <see cref="OutputHuge"/>, in chunks of unannounced length.</summary>
    OutputHugeChunked,

    /// <summary>The output is a page of HTML that calls itself a PNG.</summary>
    OutputHtml,

    /// <summary>The output's URL redirects to the picture.</summary>
    OutputRedirect,

    /// <summary>The picture starts and then stands still.</summary>
    OutputEndless,

    /// <summary>The connection breaks in the middle of the picture.</summary>
    OutputTruncated,

    /// <summary>The output's URL points at a cloud's metadata service.</summary>
    OutputPrivateAddress,

    /// <summary>The output's URL names a local file.</summary>
    OutputFile,
}
