using System.Text;
using Leyden.Batches;
using Leyden.Predictions;
using Leyden.Storage;
using Leyden.Tests.Orchestration;

namespace Leyden.Tests.Batches;

public sealed class BatchSubmissionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_key_at_once_and_later_is_one_batch_stored_once()
    {
        await using var world = await PredictionWorld.StartAsync();
        var driver = new BatchDriver(world);
        var lines = BatchDriver.Lines(30);

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => driver.SubmitAsync(lines, "order-17")))
        );
        var accepted = outcomes.Select(o => Assert.IsType<BatchOutcome.Accepted>(o)).ToList();
        var id = Assert.Single(accepted.Select(a => a.Batch.Id).Distinct());
        Assert.Single(accepted, a => !a.IsRepeat);
        var ended = await driver.EndAsync(id);
        var later = Assert.IsType<BatchOutcome.Accepted>(await driver.SubmitAsync(lines, "order-17"));

        Assert.Equal((id, true, BatchStatus.Completed), (later.Batch.Id, later.IsRepeat, later.Batch.Status));
        Assert.Equal(BatchDriver.Prompts(30), driver.Submitted());
        var parts = await world.Get<IObjectStore>().AllKeysAsync("batch-parts/", Stop).ToListAsync(Stop);
        var own = BatchKeys.PartsOf(Owner.Local, ended.Parts);
        Assert.All(parts, key => Assert.StartsWith(own, key.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_that_stands_for_another_batch_is_refused_and_keys_are_each_callers_own()
    {
        await using var world = await PredictionWorld.StartAsync();
        var driver = new BatchDriver(world);
        var first = await driver.AcceptedAsync(BatchDriver.Lines(2), "k");

        Assert.IsType<BatchOutcome.KeyReused>(await driver.SubmitAsync(BatchDriver.Lines(3), "k"));
        var bobs = await driver.SubmitAsync(BatchDriver.Lines(2), "k", new Owner("bob"));

        Assert.NotEqual(first.Id, Assert.IsType<BatchOutcome.Accepted>(bobs).Batch.Id);
        await driver.EndAsync(first.Id);
    }

    [Fact]
    public async Task All_faults_are_counted_the_first_are_told_with_their_lines_and_nothing_is_stored()
    {
        await using var world = await PredictionWorld.StartAsync();
        var good = """{"prompt":"a cat"}""";
        var lines = new StringBuilder();
        for (var i = 0; i < 50; i++)
        {
            lines.AppendLine(good).AppendLine("""{"prompt":"a cat","width":3}""");
        }

        lines.AppendLine("""{"prompt":""").AppendLine("7").AppendLine("""{"model":"m","input":{},"bakend":"x"}""");

        var outcome = await new BatchDriver(world).SubmitAsync(lines.ToString());

        var invalid = Assert.IsType<BatchOutcome.Invalid>(outcome);
        Assert.Equal((53, 103, 20), (invalid.Faulty, invalid.Count, invalid.Errors.Count));
        Assert.Equal("line 2: width", invalid.Errors[0].Field);
        Assert.StartsWith("line 4: width is 3; it must be", invalid.Errors[1].Message, StringComparison.Ordinal);
        Assert.StartsWith("53 of 103 items have faults", invalid.Message, StringComparison.Ordinal);
        Assert.Empty((await world.Get<IObjectStore>().ListAsync("", null, 10, Stop)).Keys);
    }

    [Theory]
    [InlineData("", "The batch is empty")]
    [InlineData("\n \r\n", "The batch is empty")]
    [InlineData("not json", "line 1: no valid JSON")]
    [InlineData("""{"prompt":"a","prompt":"b"}""", "line 1: no valid JSON")]
    [InlineData("""[1]""", "line 1: an item must be")]
    [InlineData("""{"prompt":"a\u0000"}""", "line 1: prompt is no text")]
    [InlineData("""{"model":"m","input":{},"bakend":"x"}""", "line 1: bakend is not known here")]
    public async Task What_is_no_batch_is_refused(string lines, string message)
    {
        await using var world = await PredictionWorld.StartAsync();

        var outcome = await new BatchDriver(world).SubmitAsync(lines);

        Assert.StartsWith(message, Assert.IsType<BatchOutcome.Invalid>(outcome).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_hold_for_items_lines_and_the_whole()
    {
        await using var world = await PredictionWorld.StartAsync();
        var driver = new BatchDriver(world);
        var long1 = new string('x', BatchLines.MaxLineBytes + 1);
        var longLines = string.Concat(Enumerable.Repeat($$"""{"prompt":"{{new string('x', 9_000)}}"}""" + "\n", 1_900));

        Assert.Contains(
            "line 10001: a batch may have 10000 items",
            Message(await driver.SubmitAsync(BatchDriver.Lines(10_001))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "line 2: a line may have 160 kB",
            Message(await driver.SubmitAsync($"\"a\"\n{{\"prompt\":\"{long1}\"}}\n\"b\"\n")),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "the batch may have 16 MB",
            Message(await driver.SubmitAsync(longLines)),
            StringComparison.Ordinal
        );
        Assert.Empty((await world.Get<IObjectStore>().ListAsync("", null, 10, Stop)).Keys);
    }

    [Fact]
    public async Task Prompts_inputs_and_create_forms_may_stand_side_by_side()
    {
        await using var world = await PredictionWorld.StartAsync();
        var driver = new BatchDriver(world);
        var lines = """
            "a cat"

            {"prompt":"a dog","width":512}
            {"model":"sdxl-lightning-4step","input":{"prompt":"a fox","seed":7}}
            {"model":"omni-zero","input":{"image":"https://example.com/a.png"}}
            """;

        var ended = await driver.EndAsync((await driver.AcceptedAsync(lines)).Id);

        Assert.Equal(new BatchCounts(4, 4, 0, 0), ended.Counts);
        var requests = world.Backend.Requests.ToDictionary(r => r.Input["prompt"]?.GetValue<string>() ?? r.Model);
        Assert.Equal(512, requests["a dog"].Input["width"]!.GetValue<int>());
        Assert.Equal(7, requests["a fox"].Input["seed"]!.GetValue<int>());
        Assert.Equal("omni-zero", requests["omni-zero"].Model);
    }

    [Fact]
    public void A_document_gives_its_items_what_they_have_in_common()
    {
        const string json = """
            {"model":"sdxl-lightning-4step","version":"2","input":{"width":512,"seed":1},
             "items":[{"prompt":"a"},{"prompt":"b","seed":2},{"input":{"prompt":"c"}}]}
            """;

        var requests = Read(json).Select(l => Assert.IsType<PredictionRequest>(l.Request)).ToList();

        Assert.All(requests, r => Assert.Equal("2", r.Version));
        Assert.Equal(
            [
                """{"width":512,"seed":1,"prompt":"a"}""",
                """{"width":512,"seed":2,"prompt":"b"}""",
                """{"width":512,"seed":1,"prompt":"c"}""",
            ],
            requests.Select(r => r.Input.ToJsonString())
        );
        Assert.Equal(["prompts[0]", "prompts[1]"], Read("""{"prompts":["a","b"]}""").Select(l => l.Place));
    }

    [Theory]
    [InlineData("""{"prompts":["a"],"items":[]}""", "prompts")]
    [InlineData("""{"input":{}}""", "prompts")]
    [InlineData("""{"prompts":"a"}""", "prompts")]
    [InlineData("""{"prompts":["a"],"wdth":1}""", "wdth")]
    [InlineData("""{"prompts":["a"],"model":7}""", "model")]
    [InlineData("7", "prompts")]
    public void Faults_of_the_whole_come_in_one_line(string json, string field)
    {
        var line = Assert.Single(Read(json));

        Assert.Equal("", line.Place);
        Assert.Equal(field, Assert.Single(line.Errors).Field);
    }

    private static List<BatchLine> Read(string json)
    {
        using var document = StrictJson.Parse(Encoding.UTF8.GetBytes(json));
        return [.. BatchForm.Read(document.RootElement, Owner.Local)];
    }

    private static string Message(BatchOutcome outcome) => Assert.IsType<BatchOutcome.Invalid>(outcome).Message;
}
