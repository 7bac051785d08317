using System.Text.Json;
using CsCheck;
using Leyden.Predictions;
using static Leyden.ModelServer.Tests.TestServer;

namespace Leyden.ModelServer.Tests;

/// <summary>What inputs are accepted: strict types, the model's ranges, faults told in Cog's form.</summary>
public sealed class InputTests
{
    private static readonly object?[] Values = [null, true, "x", "", "1024", 0, 8, 256, 1024, 1e9, -1, 0.5, "K_EULER"];
    private static readonly string[] EventsWithOneUnknown = ["start", "end"];

    [Theory]
    [InlineData("width", "1024", "is not of type \"integer\"")]
    [InlineData("width", 512.5, "is not of type \"integer\"")]
    [InlineData("width", null, "is not of type \"integer\"")]
    [InlineData("width", 255, "is less than the minimum of 256")]
    [InlineData("width", 1288, "is greater than the maximum of 1280")]
    [InlineData("height", 1001, "is not a multiple of 8")]
    [InlineData("height", true, "is not of type \"integer\"")]
    [InlineData("num_outputs", 0, "is less than the minimum of 1")]
    [InlineData("num_outputs", 5, "is greater than the maximum of 4")]
    [InlineData("num_outputs", "2", "is not of type \"integer\"")]
    [InlineData("num_inference_steps", 11, "is greater than the maximum of 10")]
    [InlineData("guidance_scale", "7.5", "is not of type \"number\"")]
    [InlineData("guidance_scale", -0.1, "is less than the minimum of 0")]
    [InlineData("guidance_scale", 51, "is greater than the maximum of 50")]
    [InlineData("guidance_scale", 1e300, "is outside of 0 to 50")]
    [InlineData("seed", "1", "is not of type \"integer\"")]
    [InlineData("seed", -1, "is less than the minimum of 0")]
    [InlineData("seed", 4294967296, "is greater than the maximum of 4294967295")]
    [InlineData("scheduler", "EULER", "is not one of \"DDIM\", \"DPMSolverMultistep\"")]
    [InlineData("scheduler", 1, "is not of type \"string\"")]
    [InlineData("disable_safety_checker", "true", "is not of type \"boolean\"")]
    [InlineData("disable_safety_checker", 1, "is not of type \"boolean\"")]
    [InlineData("prompt", 1, "is not of type \"string\"")]
    [InlineData("prompt", "  ", "is blank")]
    [InlineData("negative_prompt", false, "is not of type \"string\"")]
    public async Task A_value_of_the_wrong_type_or_range_is_refused(string field, object? value, string words)
    {
        await using var server = await StartAsync();

        var answer = await server.PostAsync("/predictions", new { input = Input((field, value)) });

        Assert.Equal(422, answer.Status);
        var fault = Assert.Single(answer.Json.GetProperty("detail").EnumerateArray());
        Assert.Equal($"""["body","input","{field}"]""", fault.GetProperty("loc").GetRawText());
        Assert.Contains(words, fault.GetProperty("msg").GetString(), StringComparison.Ordinal);
        Assert.Equal("value_error", fault.GetProperty("type").GetString());
        Assert.Empty(server.Model.Runs);
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_told_at_once_and_a_missing_prompt_too()
    {
        await using var server = await StartAsync();

        var answer = await server.PostAsync(
            "/predictions",
            new
            {
                input = new { width = "1", seed = -1 },
                webhook = "ftp://example.com",
                webhook_events_filter = EventsWithOneUnknown,
            }
        );

        var faults = answer
            .Json.GetProperty("detail")
            .EnumerateArray()
            .ToDictionary(f => f.GetProperty("loc").GetRawText(), f => f.GetProperty("type").GetString());
        Assert.Equal("value_error.missing", faults["""["body","input","prompt"]"""]);
        Assert.Contains("""["body","input","width"]""", faults.Keys);
        Assert.Contains("""["body","input","seed"]""", faults.Keys);
        Assert.Contains("""["body","webhook"]""", faults.Keys);
        Assert.Contains("""["body","webhook_events_filter",1]""", faults.Keys);
    }

    [Fact]
    public async Task Unknown_inputs_and_fields_are_passed_over_as_Cog_does()
    {
        await using var server = await StartAsync();

        var answer = await server.PostAsync(
            "/predictions",
            new
            {
                input = Input(("refiner", "expert"), ("seed", null)),
                context = new { a = "b" },
                created_at = "2026-01-01T00:00:00Z",
            }
        );

        Assert.Equal("succeeded", answer.Text("status"));
        Assert.False(answer.Json.GetProperty("input").TryGetProperty("refiner", out _));
    }

    [Fact]
    public async Task A_whole_number_with_a_point_is_a_whole_number()
    {
        await using var server = await StartAsync();
        using var body = new StringContent(
            """{"input":{"prompt":"a","width":256.0,"height":2.56e2,"seed":7.0}}""",
            new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")
        );

        var answer = await server.PostAsync("/predictions", body);

        Assert.Equal((256, 256), PngSize.Of(answer.Pictures.Single()));
    }

    [Theory]
    [InlineData("an id with blanks")]
    [InlineData("ünïcode")]
    [InlineData("")]
    public async Task An_unusable_id_is_refused(string id)
    {
        await using var server = await StartAsync();

        var answer = await server.PostAsync("/predictions", new { id, input = Input() });

        Assert.Equal(422, answer.Status);
    }

    [Fact]
    public async Task The_description_says_what_is_accepted()
    {
        await using var server = await StartAsync();

        var document = (await server.GetAsync("/openapi.json")).Json;

        var schemas = document.GetProperty("components").GetProperty("schemas");
        var input = schemas.GetProperty("Input").GetProperty("properties");
        Assert.Equal("3.0.2", document.GetProperty("openapi").GetString());
        Assert.Equal(256, input.GetProperty("width").GetProperty("minimum").GetInt32());
        Assert.Equal(1280, input.GetProperty("width").GetProperty("maximum").GetInt32());
        Assert.Equal(8, input.GetProperty("height").GetProperty("multipleOf").GetInt32());
        Assert.Equal(1024, input.GetProperty("height").GetProperty("default").GetInt32());
        Assert.Equal("integer", input.GetProperty("num_outputs").GetProperty("type").GetString());
        Assert.True(input.GetProperty("seed").GetProperty("nullable").GetBoolean());
        Assert.Equal(
            "#/components/schemas/scheduler",
            input.GetProperty("scheduler").GetProperty("allOf")[0].GetProperty("$ref").GetString()
        );
        Assert.Equal(
            SdxlLightningInput.Schedulers,
            schemas.GetProperty("scheduler").GetProperty("enum").EnumerateArray().Select(s => s.GetString())
        );
        Assert.Equal("uri", schemas.GetProperty("Output").GetProperty("items").GetProperty("format").GetString());
        Assert.Equal("""["prompt"]""", schemas.GetProperty("Input").GetProperty("required").GetRawText());
        Assert.All(References(document), name => Assert.True(schemas.TryGetProperty(name, out _), name));
    }

    [Fact]
    public void Any_JSON_as_input_is_either_read_or_refused_with_a_reason()
    {
        var value = Gen.OneOf<object?>(Values);
        var names = Inputs.InputSchema.Fields.Select(f => f.Name).Append("other").ToArray();
        Gen.Dictionary(Gen.OneOf(names), value)[0, 8]
            .Sample(fields =>
            {
                var json = JsonSerializer.SerializeToElement(fields);
                var faults = new List<Inputs.RequestFault>();
                var input = Inputs.InputSchema.Read(json, 8, Randomness.Create(), faults);
                Assert.Equal(input is null, faults.Count > 0);
                Assert.All(faults, f => Assert.NotEmpty(f.Message));
                if (input is not null)
                {
                    Assert.InRange(input.Settings.Width, 256, 1280);
                    Assert.InRange(input.Outputs, 1, 4);
                    Assert.Equal(json.GetProperty("prompt").GetString(), input.Prompt);
                }
            });
    }

    private static IEnumerable<string> References(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object => json.EnumerateObject()
                .SelectMany(p => p.Name == "$ref" ? [p.Value.GetString()!.Split('/')[^1]] : References(p.Value)),
            JsonValueKind.Array => json.EnumerateArray().SelectMany(References),
            _ => [],
        };
}
