using System.Globalization;
using System.Text.Json;
using DurableTask.Core;

namespace Leyden.DurableTask.Sqlite;

/// <summary>
/// Failure details. Their property bag keeps strings, numbers, booleans, nulls, lists and maps; any other object is kept as its text, because
/// restoring it would take a type name from the data.
/// </summary>
internal static class FailureJson
{
    public static void Write(Utf8JsonWriter writer, FailureDetails failure)
    {
        writer.WriteStartObject();
        writer.WriteString("ErrorType", failure.ErrorType);
        writer.WriteString("ErrorMessage", failure.ErrorMessage);
        writer.WriteString("StackTrace", failure.StackTrace);
        writer.WriteBoolean("IsNonRetriable", failure.IsNonRetriable);
        if (failure.InnerFailure is { } inner)
        {
            writer.WritePropertyName("InnerFailure");
            Write(writer, inner);
        }

        if (failure.Properties is { } properties)
        {
            writer.WritePropertyName("Properties");
            WriteValue(writer, properties);
        }

        writer.WriteEndObject();
    }

    public static FailureDetails Read(ref Utf8JsonReader reader)
    {
        string? type = null;
        string? message = null;
        string? stackTrace = null;
        var nonRetriable = false;
        FailureDetails? inner = null;
        Dictionary<string, object?>? properties = null;
        while (JsonValues.NextProperty(ref reader, out var name))
        {
            switch (name)
            {
                case "ErrorType":
                    type = reader.GetString();
                    break;
                case "ErrorMessage":
                    message = reader.GetString();
                    break;
                case "StackTrace":
                    stackTrace = reader.GetString();
                    break;
                case "IsNonRetriable":
                    nonRetriable = reader.GetBoolean();
                    break;
                case "InnerFailure":
                    inner = Read(ref reader);
                    break;
                case "Properties":
                    properties = (Dictionary<string, object?>?)ReadValue(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new FailureDetails(type!, message!, stackTrace, inner, nonRetriable, properties);
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case byte or sbyte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case float or double or decimal when double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)):
                writer.WriteNumberValue(Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case IDictionary<string, object?> map:
                writer.WriteStartObject();
                foreach (var (key, item) in map)
                {
                    writer.WritePropertyName(key);
                    WriteValue(writer, item);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable<object?> list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    WriteValue(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static object? ReadValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = new Dictionary<string, object?>(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var key = reader.GetString()!;
                    reader.Read();
                    map[key] = ReadValue(ref reader);
                }

                return map;
            case JsonTokenType.StartArray:
                var list = new List<object?>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Add(ReadValue(ref reader));
                }

                return list;
            case JsonTokenType.Number:
                // Boxed apart: the conditional alone would make a double of both.
                return reader.TryGetInt64(out var whole) ? (object)whole : reader.GetDouble();
            case JsonTokenType.True or JsonTokenType.False:
                return reader.GetBoolean();
            default:
                return reader.GetString();
        }
    }
}
