using System.Text.Json.Nodes;
using Leyden.Predictions;

namespace Leyden.Tests.Predictions;

public sealed class SdxlLightningInputTests
{
    private static readonly Random Random = Randomness.Create();

    [Fact]
    public void A_prompt_alone_gets_the_defaults_of_the_model_and_a_drawn_seed()
    {
        var first = Parse(new JsonObject { ["prompt"] = "a cat" });
        var second = Parse(new JsonObject { ["prompt"] = "a cat" });

        Assert.Equal("worst quality, low quality", first.NegativePrompt);
        Assert.Equal((1024, 1024, 1, "K_EULER", 4, 0m, false), Rest(first));
        Assert.NotEqual(first.Seed, second.Seed);
    }

    [Fact]
    public void The_strings_of_the_seed_document_are_read_as_numbers_and_booleans()
    {
        var input = Parse(
            new JsonObject
            {
                ["seed"] = null,
                ["width"] = "512",
                ["height"] = " 768 ",
                ["prompt"] = "A superhero smiling",
                ["scheduler"] = "K_EULER",
                ["num_outputs"] = "2",
                ["guidance_scale"] = "7.5",
                ["negative_prompt"] = "worst quality, low quality",
                ["num_inference_steps"] = "8",
                ["disable_safety_checker"] = "true",
            }
        );

        Assert.Equal((512, 768, 2, "K_EULER", 8, 7.5m, true), Rest(input));
    }

    [Theory]
    [InlineData("width", 256, true)]
    [InlineData("width", 1280, true)]
    [InlineData("width", 255, false)]
    [InlineData("width", 1288, false)]
    [InlineData("width", 1001, false)]
    [InlineData("width", "1024.0", true)]
    [InlineData("width", "1e3", true)]
    [InlineData("width", "wide", false)]
    [InlineData("width", "", false)]
    [InlineData("width", 1e300, false)]
    [InlineData("width", true, false)]
    [InlineData("height", -8, false)]
    [InlineData("num_outputs", 0, false)]
    [InlineData("num_outputs", 4, true)]
    [InlineData("num_outputs", 5, false)]
    [InlineData("num_outputs", 1.5, false)]
    [InlineData("num_inference_steps", 10, true)]
    [InlineData("num_inference_steps", 11, false)]
    [InlineData("guidance_scale", 50, true)]
    [InlineData("guidance_scale", 50.01, false)]
    [InlineData("guidance_scale", "NaN", false)]
    [InlineData("seed", 4294967295L, true)]
    [InlineData("seed", 4294967296L, false)]
    [InlineData("seed", -1, false)]
    [InlineData("seed", 0.5, false)]
    [InlineData("scheduler", "DPM++2MSDE", true)]
    [InlineData("scheduler", "k_euler", false)]
    [InlineData("scheduler", 3, false)]
    [InlineData("disable_safety_checker", false, true)]
    [InlineData("disable_safety_checker", "False", true)]
    [InlineData("disable_safety_checker", "no", false)]
    [InlineData("disable_safety_checker", 1, false)]
    [InlineData("negative_prompt", 3, false)]
    public void A_value_is_taken_exactly_within_the_documented_range(string field, object value, bool valid)
    {
        var json = new JsonObject { ["prompt"] = "a cat", [field] = JsonValue.Create(value) };

        var accepted = SdxlLightningInput.TryParse(json, Random, out _, out var errors);

        Assert.Equal(valid, accepted);
        if (!valid)
        {
            var error = Assert.Single(errors);
            Assert.Equal(field, error.Field);
            Assert.StartsWith($"{field} is ", error.Message, StringComparison.Ordinal);
            Assert.Contains("must be", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void All_faults_are_reported_at_once_each_with_value_and_range()
    {
        var json = new JsonObject
        {
            ["prompt"] = "  ",
            ["width"] = 1000000,
            ["num_outputs"] = "many",
            ["heigth"] = 512,
            ["scheduler"] = new JsonArray(1),
        };

        Assert.False(SdxlLightningInput.TryParse(json, Random, out _, out var errors));

        Assert.Equal(["prompt", "width", "num_outputs", "scheduler", "heigth"], errors.Select(e => e.Field));
        Assert.Equal("width is 1000000; it must be a multiple of 8 from 256 to 1280.", errors[1].Message);
        Assert.Equal("num_outputs is \"many\"; it must be a whole number from 1 to 4.", errors[2].Message);
        Assert.Equal("heigth is not known here; did you mean height?", errors[4].Message);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_a_fault_of_the_caller()
    {
        var json = (JsonObject)JsonNode.Parse("""{"prompt":"\ud800","scheduler":"\udc00"}""")!;

        Assert.False(SdxlLightningInput.TryParse(json, Random, out _, out var errors));

        Assert.Equal(["prompt", "scheduler"], errors.Select(e => e.Field));
    }

    [Fact]
    public void A_long_value_is_not_repeated_in_full()
    {
        var json = new JsonObject
        {
            ["prompt"] = new string('x', 10_001),
            [new string('y', 5000)] = 1,
            ["width"] = new string('9', 5000),
        };

        Assert.False(SdxlLightningInput.TryParse(json, Random, out _, out var errors));

        Assert.All(errors, e => Assert.InRange(e.Message.Length, 1, 300));
        Assert.Equal(3, errors.Count);
    }

    [Fact]
    public void An_accepted_input_written_as_JSON_reads_as_itself()
    {
        var input = Parse(
            new JsonObject
            {
                ["prompt"] = "ein Käse 🧀",
                ["seed"] = 7,
                ["guidance_scale"] = 1.25,
            }
        );

        Assert.Equal(input, Parse(input.ToJson()));
    }

    [Fact]
    public void Equal_work_has_one_workload_and_more_work_another()
    {
        var small = Parse(
            new JsonObject
            {
                ["prompt"] = "a",
                ["width"] = 512,
                ["height"] = 512,
            }
        );
        var wide = Parse(
            new JsonObject
            {
                ["prompt"] = "b",
                ["width"] = 1024,
                ["height"] = 256,
            }
        );
        var large = Parse(new JsonObject { ["prompt"] = "c", ["num_outputs"] = 4 });
        var least = Parse(
            new JsonObject
            {
                ["prompt"] = "d",
                ["width"] = 256,
                ["height"] = 256,
                ["num_inference_steps"] = 1,
            }
        );

        Assert.Equal(small.Workload, wide.Workload);
        Assert.NotEqual(small.Workload, large.Workload);
        Assert.Equal("2^0", least.Workload);
    }

    private static SdxlLightningInput Parse(JsonObject json)
    {
        Assert.True(
            SdxlLightningInput.TryParse(json, Random, out var input, out var errors),
            string.Join("; ", errors)
        );
        return input;
    }

    private static (int, int, int, string, int, decimal, bool) Rest(SdxlLightningInput i) =>
        (i.Width, i.Height, i.NumOutputs, i.Scheduler, i.NumInferenceSteps, i.GuidanceScale, i.DisableSafetyChecker);
}
