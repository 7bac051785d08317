using System.Text.Json.Nodes;
using CsCheck;
using Leyden.Notifications;

namespace Leyden.Tests.Notifications;

public sealed class PayloadTests
{
    [Fact]
    public void No_payload_has_twenty_thousand_bytes_whatever_the_prediction_holds()
    {
        var text = Gen.OneOf(Gen.Const("x"), Gen.Const("ß"), Gen.Const("猫"), Gen.Const("🐈"), Gen.Const("\""));
        Gen.Select(text, Gen.Int[0, 20_000], Gen.Int[0, 200], Gen.Int[0, 30_000])
            .Sample(
                (unit, prompt, members, logs) =>
                {
                    var input = new JsonObject { ["prompt"] = Repeat(unit, prompt) };
                    for (var i = 0; i < members; i++)
                    {
                        input[$"member {i}"] = Repeat(unit, 300);
                    }

                    var prediction = new JsonObject
                    {
                        ["id"] = "01k9",
                        ["status"] = "success",
                        ["input"] = input,
                        ["output"] = "https://leyden.test.dev/outputs/" + new string('t', 900),
                        ["logs"] = Repeat(unit, logs),
                    };
                    var full = NotificationPayload.ToBytes(prediction).Length;

                    var payload = NotificationPayload.Write(prediction, NotificationPayload.ToBytes);

                    var written = JsonNode.Parse(payload)!;
                    Assert.InRange(payload.Length, 1, NotificationPayload.MaxBytes - 1);
                    Assert.Equal(full >= NotificationPayload.MaxBytes, (bool?)written["truncated"] == true);
                    Assert.Equal(932, ((string)written["output"]!).Length);
                    Assert.Equal("success", (string?)written["status"]);
                },
                iter: 200
            );
    }

    private static string Repeat(string unit, int length) =>
        string.Concat(Enumerable.Repeat(unit, length / unit.Length));
}
