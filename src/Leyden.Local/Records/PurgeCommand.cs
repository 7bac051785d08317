using System.CommandLine;
using Leyden.Predictions;

namespace Leyden.Local.Records;

/// <summary><c>leyden predictions purge</c>: deletes many at once.</summary>
internal static class PurgeCommand
{
    private const int PageSize = 100;

    public static Command Create(Terminal terminal)
    {
        var options = new RecordOptions();
        var age = new Option<string?>("--older-than")
        {
            Description = "Delete what ended longer ago than this: 12h, 30d.",
            HelpName = "TIME",
        };
        var all = new Option<bool>("--all") { Description = "Delete whatever has ended." };
        var command = new Command(
            "purge",
            "Delete all predictions of an owner that ended long ago, with their pictures."
        )
        {
            age,
            all,
            options.Owner,
            options.Data,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                options.WithRecordsAsync(
                    parsed,
                    async records =>
                    {
                        var oldest = ReadAge(parsed.GetValue(age), parsed.GetValue(all));
                        var deleted = await PurgeAsync(records, oldest, cancellationToken);
                        terminal.Print($"Deleted {deleted} {(deleted == 1 ? "prediction" : "predictions")}.");
                        return ExitCodes.Ok;
                    }
                )
        );
        return command;
    }

    private static TimeSpan ReadAge(string? text, bool all)
    {
        if (text is null == !all)
        {
            throw new UsageException([
                new InputError("--older-than", "Say what to delete: either --older-than TIME, such as 30d, or --all."),
            ]);
        }

        if (text is null)
        {
            return TimeSpan.Zero;
        }

        return DurationText.TryParse(text, out var age)
            ? age
            : throw new UsageException([
                InputError.NotAllowed("--older-than", InputError.Shorten(text), "a time such as 90m, 12h or 30d"),
            ]);
    }

    private static async Task<int> PurgeAsync(OwnerRecords records, TimeSpan age, CancellationToken cancellationToken)
    {
        var limit = records.Services.GetRequiredService<TimeProvider>().GetUtcNow() - age;
        var deleted = 0;
        for (PredictionPage? page = null; page is null || page.Cursor is not null; )
        {
            page = await records.Store.ListAsync(records.Owner, page?.Cursor, PageSize, cancellationToken);
            foreach (var prediction in page.Predictions)
            {
                if (prediction.CompletedAt <= limit)
                {
                    await records.Store.DeleteAsync(prediction, cancellationToken);
                    deleted++;
                }
            }
        }

        return deleted;
    }
}
