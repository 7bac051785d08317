using System.Text.Json;

namespace Leyden.Emulators.Eachlabs;

/// <summary>What tests in another process ask the emulator itself. Needs no key and counts towards no limit.</summary>
internal static class AdminEndpoints
{
    private static readonly JsonSerializerOptions SnakeCase = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static void MapAdmin(this IEndpointRouteBuilder routes, EachlabsCounters counters, EachlabsFaults faults)
    {
        var admin = routes.MapGroup("/emulator");
        admin.MapGet("/health", () => Results.Text("ok"));
        admin.MapGet("/counters", () => Results.Json(counters.Read(), SnakeCase));
        admin.MapDelete(
            "/counters",
            () =>
            {
                counters.Reset();
                return Results.NoContent();
            }
        );
        admin.MapPut("/faults", (string[] names) => SetFaults(faults, names));
    }

    private static IResult SetFaults(EachlabsFaults faults, string[] names)
    {
        var parsed = new List<EachlabsFault>();
        foreach (var name in names)
        {
            if (!EachlabsFaults.TryParse(name, out var fault))
            {
                return ApiErrors.Plain(400, $"The emulator knows no fault named '{name}'");
            }

            parsed.Add(fault);
        }

        faults.SetEverywhere(parsed);
        return Results.NoContent();
    }
}
