using System.CommandLine;
using System.Text.Json.Nodes;
using Leyden.Api.Batches;
using Leyden.Batches;
using Leyden.Local.Generating;
using Leyden.Predictions;
using Spectre.Console;

namespace Leyden.Local.Batches;

/// <summary><c>leyden batch</c>: a file of prompts in, a folder of pictures out.</summary>
internal static class BatchCommand
{
    private const string KeyName = "--key";

    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("file")
        {
            Description =
                "A .txt with a prompt a line, or JSON Lines with a model's inputs (or a whole create form) a line; - reads either from standard input.",
        };
        var outFolder = new Option<string>("--out", "-o")
        {
            Description = "The folder to write the pictures to; made when it does not exist.",
            HelpName = "DIR",
            DefaultValueFactory = _ => ".",
        };
        var key = new Option<string?>(KeyName)
        {
            Description =
                "By which the batch is recognized when this is run again. Default: from the file's content; another key makes the same file's pictures anew.",
            HelpName = "TEXT",
        };
        var data = CommonOptions.Data();
        var json = CommonOptions.Json();
        var command = new Command(
            "batch",
            $"Make a picture of each line of a file, up to {Batch.MaxItems}, and write them as they come, named leyden-ID-INDEX-N.png. "
                + "Run again, also after it was killed, it goes on with the same batch and writes what is missing. "
                + "Ctrl+C cancels the batch; a second one leaves at once, and the batch goes on in the server or with the next run. "
                + ExitCodes.Help
        )
        {
            file,
            outFolder,
            key,
            data,
            json,
        };
        command.SetAction(
            (parsed, _) =>
                RunAsync(
                    parsed.GetValue(file)!,
                    parsed.GetValue(outFolder)!,
                    parsed.GetValue(key),
                    DataFolder.Find(parsed.GetValue(data)),
                    terminal,
                    parsed.GetValue(json)
                )
        );
        return command;
    }

    /// <summary>What to say when a key stands for another batch.</summary>
    public static UsageException KeyReused() =>
        new([new InputError(KeyName, $"{KeyName} was used for another batch before; use a new key for a new batch.")]);

    private static async Task<int> RunAsync(
        string path,
        string outFolder,
        string? key,
        DataFolder data,
        Terminal terminal,
        bool json
    )
    {
        using var stop = new StopSignal(terminal.RestoreCursor);
        var configuration = LocalConfiguration.Read(data);
        var file = await BatchFile.ReadAsync(path, stop.Asked);
        var errors = new List<InputError>();
        if (PictureFolder.Open(outFolder, errors) is not { } folder)
        {
            throw new UsageException(errors);
        }

        data.Create();
        await using var session = await SessionOpener.OpenAsync<IBatchSession>(
            data,
            configuration,
            terminal,
            host => new LocalBatchSession(host),
            RemoteBatchSession.Open,
            stop.Asked
        );
        var progress = new BatchProgress(terminal, TimeProvider.System);
        Action<string> wrote = json ? _ => { } : terminal.Print;
        var run = new BatchRun(session, folder, progress, wrote, TimeProvider.System, stop.Asked);
        var results = await progress.ShowAsync(() => run.RunAsync(file, key ?? file.Key));
        return Report(results, outFolder, terminal, json);
    }

    private static int Report(BatchResults results, string outFolder, Terminal terminal, bool json)
    {
        var (batch, pictures, faults, wasStopped) = results;
        foreach (var fault in faults)
        {
            terminal.Error.WriteLine(fault);
        }

        var counts = batch.Counts;
        var summary =
            $"Batch {batch.Id} {BatchDialect.StatusWord(batch.Status)}: {counts.Succeeded} of {counts.Total} succeeded, "
            + $"{counts.Failed} failed, {counts.Canceled} canceled; {pictures} pictures in {outFolder}.";
        terminal.Error.WriteLine(batch.Fault is null ? summary : $"{summary} {batch.Fault}");
        if (batch.Status == BatchStatus.Canceled && !wasStopped)
        {
            terminal.Error.WriteLine($"It was canceled before: name another {KeyName} to start anew.");
        }

        if (json)
        {
            terminal.Print(ToJson(results, outFolder).ToJsonString(LeydenJson.Options));
        }

        return counts.Succeeded == counts.Total && faults.Count == 0 ? ExitCodes.Ok
            : wasStopped ? ExitCodes.Canceled
            : ExitCodes.Failed;
    }

    private static JsonObject ToJson(BatchResults results, string outFolder) =>
        new()
        {
            ["status"] = BatchDialect.StatusWord(results.Batch.Status),
            ["id"] = results.Batch.Id.Value,
            ["counts"] = BatchDialect.Write(results.Batch.Counts),
            ["folder"] = Path.GetFullPath(outFolder),
            ["pictures"] = results.Pictures,
            ["errors"] = new JsonArray([.. results.Faults.Select(fault => JsonValue.Create(fault))]),
        };
}
