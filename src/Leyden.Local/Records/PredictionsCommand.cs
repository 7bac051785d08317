using System.CommandLine;
using Leyden.Predictions;

namespace Leyden.Local.Records;

/// <summary><c>leyden predictions</c>: looks at and changes the records, also while a server runs.</summary>
internal static class PredictionsCommand
{
    public static Command Create(Terminal terminal) =>
        new("predictions", "See, cancel and delete predictions.")
        {
            ListCommand.Create(terminal),
            ShowCommand.Create(terminal),
            CancelCommand.Create(terminal),
            DeleteCommand.Create(terminal),
            PurgeCommand.Create(terminal),
        };
}

/// <summary>The options and the argument that these commands share, and the records they lead to.</summary>
internal sealed class RecordOptions
{
    public Option<string?> Data { get; } = CommonOptions.Data();

    public Option<string> Owner { get; } = CommonOptions.Owner();

    public Option<bool> Json { get; } = CommonOptions.Json();

    public Argument<string> Id { get; } = new("id") { Description = "The prediction's id." };

    /// <summary>Opens the records and does something with them.</summary>
    public async Task<int> WithRecordsAsync(ParseResult parsed, Func<OwnerRecords, Task<int>> act)
    {
        var data = DataFolder.Find(parsed.GetValue(Data));
        var owner = CommonOptions.ReadOwner(parsed.GetValue(Owner)!);
        await using var services = LocalHost.OpenRecords(LocalConfiguration.Read(data), data);
        return await act(new OwnerRecords(data, owner, services));
    }

    /// <summary>Reads the id.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public PredictionId ReadId(ParseResult parsed) =>
        PredictionId.TryParse(parsed.GetValue(Id), out var id)
            ? id
            : throw new UsageException([
                InputError.NotAllowed(
                    "id",
                    InputError.Shorten(parsed.GetValue(Id)!),
                    "a prediction's id: 26 letters and digits, as leyden predictions list shows them"
                ),
            ]);
}

/// <summary>One owner's records in a data folder.</summary>
internal sealed record OwnerRecords(DataFolder Data, Owner Owner, IServiceProvider Services)
{
    public PredictionStore Store => Services.GetRequiredService<PredictionStore>();

    public PredictionService Service => Services.GetRequiredService<PredictionService>();
}
