using System.CommandLine;
using System.Text.Json.Nodes;
using Leyden.Local.Batches;
using Leyden.Local.Generating;
using Leyden.Local.Keys;
using Leyden.Local.Records;
using Leyden.Local.Serving;
using Leyden.Local.Webhooks;
using Leyden.Predictions;
using Spectre.Console;

namespace Leyden.Local;

/// <summary>
/// The <c>leyden</c> command: its parts, and the one place where what goes wrong becomes a line for people, an object for programs
/// (<c>--json</c>) and one of <see cref="ExitCodes"/>.
/// </summary>
internal static class LeydenCommand
{
    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var terminal = new Terminal();
        var parsed = Create(terminal)
            .Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        var forPrograms = args.Contains(CommonOptions.JsonName);
        try
        {
            if (parsed.Errors.Count > 0 && parsed.Action is System.CommandLine.Invocation.ParseErrorAction)
            {
                throw new UsageException([.. parsed.Errors.Select(e => new InputError("", e.Message))]);
            }

            var settings = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null, // each command says itself what a signal means
            };
            return await parsed.InvokeAsync(settings);
        }
        catch (UsageException e)
        {
            Tell(terminal, forPrograms, "invalid", e.Errors);
            terminal.Error.WriteLine($"See {CommandName(parsed)} --help.");
            return ExitCodes.Invalid;
        }
        catch (SetupException e)
        {
            Tell(terminal, forPrograms, "error", [new InputError("configuration", e.Message)]);
            return ExitCodes.Configuration;
        }
        catch (OperationCanceledException)
        {
            Tell(terminal, forPrograms, "canceled", []);
            return ExitCodes.Canceled;
        }
        catch (Exception e)
        {
            // The last boundary: a stack trace helps nobody who types commands, unless asked for.
            var detail =
                Environment.GetEnvironmentVariable("LEYDEN_TRACE") == "1"
                    ? e.ToString()
                    : $"{e.Message} (LEYDEN_TRACE=1 shows more.)";
            Tell(terminal, forPrograms, "error", [new InputError("internal", detail)]);
            return ExitCodes.Failed;
        }
    }

    private static RootCommand Create(Terminal terminal) =>
        new($"Pictures from text by SDXL-Lightning, made durably. {ExitCodes.Help}")
        {
            GenerateCommand.Create(terminal),
            ServeCommand.Create(terminal),
            BatchCommand.Create(terminal),
            PredictionsCommand.Create(terminal),
            BatchesCommand.Create(terminal),
            WebhooksCommand.Create(terminal),
            KeysCommand.Create(terminal),
        };

    private static void Tell(Terminal terminal, bool forPrograms, string status, IReadOnlyList<InputError> faults)
    {
        foreach (var fault in faults)
        {
            terminal.Error.WriteLine($"leyden: {fault.Message}");
        }

        if (forPrograms)
        {
            var errors = faults.Select(f => new JsonObject { ["field"] = f.Field, ["message"] = f.Message });
            var json = new JsonObject { ["status"] = status, ["errors"] = new JsonArray([.. errors]) };
            terminal.Print(json.ToJsonString(LeydenJson.Options));
        }
    }

    private static string CommandName(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (
            var at = parsed.CommandResult;
            at?.Parent is not null;
            at = at.Parent as System.CommandLine.Parsing.CommandResult
        )
        {
            names.Push(at.Command.Name);
        }

        return string.Join(' ', names.Prepend("leyden"));
    }
}
