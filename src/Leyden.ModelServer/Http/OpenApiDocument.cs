using System.Text.Json.Nodes;
using Leyden.ModelServer.Inputs;
using Leyden.ModelServer.Loading;

namespace Leyden.ModelServer.Http;

/// <summary>
/// Describes the API in OpenAPI 3.0.2 with the names of Cog's own description, from which clients build forms: the schemas Input, Output,
/// PredictionRequest and PredictionResponse, an enumeration as a schema of its own, <c>x-order</c>.
/// </summary>
internal sealed class OpenApiDocument(ModelSetup setup)
{
    /// <summary>Writes it.</summary>
    public JsonObject Write() =>
        new()
        {
            ["openapi"] = "3.0.2",
            ["info"] = new JsonObject { ["title"] = "Cog", ["version"] = ServiceRoutes.Version },
            ["paths"] = Paths(),
            ["components"] = new JsonObject { ["schemas"] = Schemas() },
        };

    private static JsonObject Paths() =>
        new()
        {
            ["/"] = Path("get", Operation("Root", "root__get")),
            ["/health-check"] = Path("get", Operation("Healthcheck", "healthcheck_health_check_get")),
            ["/predictions"] = Path("post", Creation("Predict", "predict_predictions_post")),
            ["/predictions/{prediction_id}"] = new JsonObject
            {
                ["put"] = WithId(Creation("Predict Idempotent", "predict_idempotent_predictions__prediction_id__put")),
                ["get"] = WithId(
                    Operation("Read", "read_predictions__prediction_id__get", Reference("PredictionResponse"))
                ),
            },
            ["/predictions/{prediction_id}/cancel"] = Path(
                "post",
                WithId(Operation("Cancel", "cancel_predictions__prediction_id__cancel_post"))
            ),
            ["/shutdown"] = Path("post", Operation("Start Shutdown", "start_shutdown_shutdown_post")),
        };

    private static JsonObject Path(string method, JsonObject operation) => new() { [method] = operation };

    private static JsonObject Creation(string summary, string id)
    {
        var operation = Operation(summary, id, Reference("PredictionResponse"));
        operation["description"] = "Run a single prediction on the model";
        operation["requestBody"] = Body(Reference("PredictionRequest"));
        return operation;
    }

    private static JsonObject Operation(string summary, string id, JsonObject? answer = null)
    {
        var good = Body(answer ?? []);
        good["description"] = "Successful Response";
        var bad = Body(Reference("HTTPValidationError"));
        bad["description"] = "Validation Error";
        return new JsonObject
        {
            ["summary"] = summary,
            ["operationId"] = id,
            ["responses"] = new JsonObject { ["200"] = good, ["422"] = bad },
        };
    }

    private static JsonObject WithId(JsonObject operation)
    {
        operation["parameters"] = new JsonArray(
            new JsonObject
            {
                ["name"] = "prediction_id",
                ["in"] = "path",
                ["required"] = true,
                ["schema"] = new JsonObject { ["title"] = "Prediction ID", ["type"] = "string" },
            }
        );
        return operation;
    }

    private static JsonObject Body(JsonObject schema) =>
        new() { ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } } };

    private static JsonObject Reference(string schema) => new() { ["$ref"] = $"#/components/schemas/{schema}" };

    private JsonObject Schemas()
    {
        var schemas = new JsonObject { ["Input"] = Input(), ["Output"] = Output() };
        foreach (var field in InputSchema.Fields.Where(f => f.Choices is not null))
        {
            schemas[field.Name] = Enumeration(field.Name, field.Choices!);
        }

        schemas["PredictionRequest"] = Object("PredictionRequest", Request());
        schemas["PredictionResponse"] = Object("PredictionResponse", Response());
        schemas["Status"] = Enumeration("Status", ["starting", "processing", "succeeded", "canceled", "failed"]);
        schemas["WebhookEvent"] = Enumeration("WebhookEvent", ["start", "output", "logs", "completed"]);
        schemas["HTTPValidationError"] = Object(
            "HTTPValidationError",
            new JsonObject { ["detail"] = ListOf(Reference("ValidationError")) }
        );
        schemas["ValidationError"] = Fault();
        return schemas;
    }

    private JsonObject Input()
    {
        var properties = new JsonObject();
        foreach (var (order, field) in InputSchema.Fields.Index())
        {
            properties[field.Name] = Property(field, order);
        }

        var input = Object("Input", properties);
        input["required"] = new JsonArray([
            .. InputSchema.Fields.Where(f => f.IsRequired).Select(f => (JsonNode?)f.Name),
        ]);
        return input;
    }

    private JsonObject Property(InputField field, int order)
    {
        var property = new JsonObject { ["x-order"] = order, ["description"] = field.Description };
        if (field.Choices is not null)
        {
            property["allOf"] = new JsonArray(Reference(field.Name));
        }
        else
        {
            property["title"] = Title(field.Name);
            property["type"] = field.Word;
        }

        if (field.Default is not null)
        {
            property["default"] = field.Default.DeepClone();
        }

        if (field.IsNullable)
        {
            property["nullable"] = true;
        }

        var isText = field.Type == InputType.String;
        if (field.Minimum is { } minimum)
        {
            property[isText ? "minLength" : "minimum"] = minimum;
        }

        if (field.Maximum is { } maximum)
        {
            property[isText ? "maxLength" : "maximum"] = maximum;
        }

        if (field.IsSize)
        {
            property["multipleOf"] = setup.SizeStep;
        }

        return property;
    }

    private static JsonObject Request() =>
        new()
        {
            ["id"] = Text("Id"),
            ["input"] = Reference("Input"),
            ["webhook"] = Text("Webhook"),
            ["webhook_events_filter"] = ListOf(Reference("WebhookEvent")),
        };

    private static JsonObject Response() =>
        new()
        {
            ["id"] = Text("Id"),
            ["input"] = Reference("Input"),
            ["output"] = Reference("Output"),
            ["status"] = Reference("Status"),
            ["error"] = Text("Error"),
            ["logs"] = Text("Logs"),
            ["metrics"] = new JsonObject { ["title"] = "Metrics", ["type"] = "object" },
            ["created_at"] = Text("Created At", "date-time"),
            ["started_at"] = Text("Started At", "date-time"),
            ["completed_at"] = Text("Completed At", "date-time"),
            ["queue_position"] = new JsonObject { ["title"] = "Queue Position", ["type"] = "integer" },
            ["progress"] = new JsonObject { ["title"] = "Progress", ["type"] = "object" },
        };

    private static JsonObject Output()
    {
        var output = ListOf(new JsonObject { ["type"] = "string", ["format"] = "uri" });
        output["title"] = "Output";
        return output;
    }

    private static JsonObject Fault()
    {
        var part = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "integer" });
        var fault = Object(
            "ValidationError",
            new JsonObject
            {
                ["loc"] = ListOf(new JsonObject { ["anyOf"] = part }),
                ["msg"] = Text("Message"),
                ["type"] = Text("Error Type"),
            }
        );
        fault["required"] = new JsonArray("loc", "msg", "type");
        return fault;
    }

    private static JsonObject Text(string title, string? format = null)
    {
        var text = new JsonObject { ["title"] = title, ["type"] = "string" };
        if (format is not null)
        {
            text["format"] = format;
        }

        return text;
    }

    private static JsonObject ListOf(JsonObject items) => new() { ["type"] = "array", ["items"] = items };

    private static JsonObject Object(string title, JsonObject properties) =>
        new()
        {
            ["title"] = title,
            ["type"] = "object",
            ["properties"] = properties,
        };

    private static JsonObject Enumeration(string title, IEnumerable<string> values) =>
        new()
        {
            ["title"] = title,
            ["description"] = "An enumeration.",
            ["type"] = "string",
            ["enum"] = new JsonArray([.. values.Select(v => (JsonNode?)v)]),
        };

    private static string Title(string name) =>
        string.Join(' ', name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
