using System.Reflection;
using System.Runtime.Serialization;
using System.Text;
using DurableTask.Core;
using DurableTask.Core.History;
using DurableTask.Core.Tracing;
using Newtonsoft.Json;
using JsonException = System.Text.Json.JsonException;

namespace Leyden.DurableTask.Sqlite.Tests.Provider;

/// <summary>
/// Holds the hand-written serialiser against Core's own contract: every data member of every event type, found by reflection, must survive. A new member
/// in a later version of Core fails here.
/// </summary>
public sealed class HistorySerializerTests
{
    private static readonly DateTime Then = new(2026, 3, 4, 5, 6, 7, 891, DateTimeKind.Utc);

    public static TheoryData<Type> EventTypes =>
        [
            .. typeof(HistoryEvent)
                .Assembly.GetTypes()
                .Where(type => !type.IsAbstract && typeof(HistoryEvent).IsAssignableFrom(type))
                // Its status and result are fixed by its type; it has a test of its own.
                .Where(type => type != typeof(ContinueAsNewEvent))
                // Only the tracking store of the old Service Bus provider wrote these.
                .Where(type => type != typeof(HistoryStateEvent)),
        ];

    [Theory]
    [MemberData(nameof(EventTypes))]
    public void Every_member_of_an_event_survives(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var original = (HistoryEvent)Filled(type);

        var restored = HistorySerializer.DeserializeEvent(HistorySerializer.Serialize(original));

        Assert.IsType(type, restored);
        Assert.Equal(Canonical(original), Canonical(restored));
    }

    [Theory]
    [MemberData(nameof(EventTypes))]
    public void An_event_without_optional_members_survives(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var original = (HistoryEvent)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);

        var restored = HistorySerializer.DeserializeEvent(HistorySerializer.Serialize(original));

        Assert.Equal(Canonical(original), Canonical(restored));
    }

    [Fact]
    public void The_end_of_a_generation_survives()
    {
        var original = new ContinueAsNewEvent(7, "next input") { Timestamp = Then };

        var restored = HistorySerializer.DeserializeEvent(HistorySerializer.Serialize(original));

        Assert.IsType<ContinueAsNewEvent>(restored);
        Assert.Equal(Canonical(original), Canonical(restored));
    }

    [Fact]
    public void A_message_survives_with_its_address_and_context()
    {
        var original = (TaskMessage)Filled(typeof(TaskMessage));
        original.Event = new TaskCompletedEvent(1, 2, "{\"a\":\"Zürich 🙂 \\u0000\"}") { Timestamp = Then };

        var restored = HistorySerializer.DeserializeMessage(HistorySerializer.Serialize(original));

        Assert.Equal(Canonical(original), Canonical(restored));
    }

    [Fact]
    public void Failure_properties_keep_plain_values_and_nest()
    {
        var original = new FailureDetails(
            "T",
            "m",
            null,
            null,
            false,
            new Dictionary<string, object?>
            {
                ["text"] = "x",
                ["whole"] = 12L,
                ["part"] = 1.5,
                ["flag"] = true,
                ["nothing"] = null,
                ["list"] = new List<object?> { 1L, "two" },
                ["map"] = new Dictionary<string, object?> { ["inner"] = 3L },
            }
        );

        var restored = HistorySerializer.DeserializeFailure(HistorySerializer.Serialize(original));

        Assert.Equal(JsonConvert.SerializeObject(original), JsonConvert.SerializeObject(restored));
    }

    [Fact]
    public void Local_times_are_stored_as_utc()
    {
        var local = new DateTime(2026, 1, 1, 12, 0, 0, DateTimeKind.Local);

        var restored = (TimerCreatedEvent)
            HistorySerializer.DeserializeEvent(HistorySerializer.Serialize(new TimerCreatedEvent(1, local)));

        Assert.Equal(local.ToUniversalTime(), restored.FireAt);
        Assert.Equal(DateTimeKind.Utc, restored.FireAt.Kind);
    }

    [Fact]
    public void Unknown_fields_are_skipped()
    {
        var json = """{"EventType":"TimerFired","New":{"deep":[1,{"x":2}]},"EventId":3,"TimerId":4}""";

        var restored = (TimerFiredEvent)HistorySerializer.DeserializeEvent(Encoding.UTF8.GetBytes(json));

        Assert.Equal((3, 4), (restored.EventId, restored.TimerId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"EventType\":\"Nonsense\"}")]
    [InlineData("{\"EventType\":\"HistoryState\"}")]
    [InlineData("{\"EventType\":\"TimerFired\"")]
    [InlineData("{\"$type\":\"System.IO.FileInfo, System.Private.CoreLib\"}")]
    public void What_is_not_an_event_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => HistorySerializer.DeserializeEvent(Encoding.UTF8.GetBytes(json)));

    private static string Canonical(object value)
    {
        var settings = new JsonSerializerSettings
        {
            ContractResolver = new WithoutPlayedMark(),
            // Times of unspecified kind are taken for UTC.
            DateTimeZoneHandling = DateTimeZoneHandling.Utc,
        };
        return JsonConvert.SerializeObject(value, Formatting.Indented, settings);
    }

    /// <summary>An object with every data member set to something distinct.</summary>
    private static object Filled(Type type)
    {
        var value = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        for (var level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            foreach (
                var member in level.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
            )
            {
                if (member.GetCustomAttribute<DataMemberAttribute>() is null)
                {
                    continue;
                }

                if (member is PropertyInfo { CanWrite: true } property)
                {
                    property
                        .GetSetMethod(nonPublic: true)!
                        .Invoke(value, [Sample(property.PropertyType, property.Name)]);
                }
                else if (member is FieldInfo field)
                {
                    field.SetValue(value, Sample(field.FieldType, field.Name));
                }
            }
        }

        return value;
    }

    private static object? Sample(Type type, string name)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(string) => $"{name} \"é\" \u2028 🙂",
            _ when type == typeof(int) => 40 + name.Length,
            _ when type == typeof(long) => 4_000_000_000L + name.Length,
            _ when type == typeof(bool) => true,
            _ when type == typeof(DateTime) => Then.AddTicks(name.Length),
            _ when type == typeof(DateTimeOffset) => new DateTimeOffset(Then).AddTicks(name.Length),
            _ when type == typeof(OrchestrationStatus) => OrchestrationStatus.Terminated,
            _ when type == typeof(EventType) => null,
            _ when type == typeof(IDictionary<string, string>) => new Dictionary<string, string>
            {
                ["a"] = "1",
                [""] = "2",
            },
            _ when type == typeof(FailureDetails) => new FailureDetails(
                "Outer",
                "outer",
                "at x",
                new FailureDetails("Inner", "inner", null, null, true),
                false
            ),
            _ when type == typeof(HistoryEvent) => null,
            _ when type == typeof(DistributedTraceContext) => new DistributedTraceContext("00-a-b-01", "k=v")
            {
                Id = "id",
                SpanId = "span",
                ActivityStartTime = new DateTimeOffset(Then),
            },
            _ => Filled(type),
        };
    }

    /// <summary>Leaves out the mark that Core sets on events in memory while it replays them.</summary>
    private sealed class WithoutPlayedMark : Newtonsoft.Json.Serialization.DefaultContractResolver
    {
        protected override IList<Newtonsoft.Json.Serialization.JsonProperty> CreateProperties(
            Type type,
            MemberSerialization memberSerialization
        ) =>
            [
                .. base.CreateProperties(type, memberSerialization)
                    .Where(property => property.PropertyName != nameof(HistoryEvent.IsPlayed)),
            ];
    }
}
