using System.Text;
using System.Text.Json;

namespace Leyden.DurableTask.Sqlite;

/// <summary>Gives the known property names as shared strings, so that reading a history does not allocate each name again.</summary>
internal static class PropertyNames
{
    private static readonly Dictionary<ulong, (byte[] Utf8, string Text)> Known = Build(
        "EventType EventId Timestamp Name Version Input Result Reason Details FailureDetails TaskScheduledId TimerId FireAt InstanceId "
            + "ExecutionId OrchestrationInstance ParentInstance ParentExecutionId OrchestrationStatus Correlation Tags ParentTraceContext "
            + "ScheduledStartTime Generation GenerateNewTrace ClientSpanId Data Event SequenceNumber OrchestrationTags TaskScheduleId "
            + "TraceParent TraceState Id SpanId ActivityStartTime ErrorType ErrorMessage StackTrace InnerFailure IsNonRetriable Properties"
    );

    /// <summary>The name at the reader's position.</summary>
    public static string Intern(ref Utf8JsonReader reader)
    {
        if (!reader.HasValueSequence && !reader.ValueIsEscaped)
        {
            var utf8 = reader.ValueSpan;
            if (Known.TryGetValue(Hash(utf8), out var known) && utf8.SequenceEqual(known.Utf8))
            {
                return known.Text;
            }
        }

        return reader.GetString()!;
    }

    private static Dictionary<ulong, (byte[] Utf8, string Text)> Build(string names)
    {
        var known = new Dictionary<ulong, (byte[], string)>();
        foreach (var name in names.Split(' '))
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            known.Add(Hash(utf8), (utf8, name));
        }

        return known;
    }

    // FNV-1a. Two known names with one hash would fail at start, two others only miss the cache.
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return hash;
    }
}
