using System.CommandLine;
using Leyden.ModelServer.Hosting;

namespace Leyden.ModelServer;

/// <summary>The command line, and the one place where what keeps the server from starting becomes a line for people.</summary>
internal static class ModelServerCommand
{
    /// <summary>It was stopped.</summary>
    public const int Ok = 0;

    /// <summary>The command line is wrong.</summary>
    public const int Invalid = 2;

    /// <summary>A setting is wrong, or the address is not free.</summary>
    public const int Configuration = 3;

    private const string DefaultUrl = "http://127.0.0.1:5000";

    /// <summary>Runs the server until it is stopped.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Create().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is System.CommandLine.Invocation.ParseErrorAction)
        {
            return Fail(string.Join(" ", parsed.Errors.Select(e => e.Message)), Invalid);
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }
            );
        }
        catch (Exception e) when (SettingFaults.Explain(e) is { } reason)
        {
            return Fail(reason, Configuration);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return Fail(e.Message, Configuration); // the address
        }
    }

    private static RootCommand Create()
    {
        var urls = new Option<string>("--urls")
        {
            Description =
                "Where to listen, several with semicolons between. There are no keys: who reaches it can use it.",
            HelpName = "URL",
            DefaultValueFactory = _ => DefaultUrl,
        };
        var model = new Option<string?>("--model")
        {
            Description = "The directory of the model, in place of Leyden__Model__Path.",
            HelpName = "DIR",
        };
        var command = new RootCommand(
            "A text-to-image model behind the HTTP API of Cog. Settings are environment variables (Leyden__ModelServer__Slots …): "
                + "see docs/model-server.md. Exit codes: 0 stopped, 2 wrong command line, 3 wrong configuration."
        )
        {
            urls,
            model,
        };
        command.SetAction((parsed, token) => ServeAsync(parsed.GetValue(urls)!, parsed.GetValue(model), token));
        return command;
    }

    private static async Task<int> ServeAsync(string urls, string? model, CancellationToken cancellationToken)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables();
        if (model is not null)
        {
            configuration.AddInMemoryCollection([new("Leyden:Model:Path", model)]);
        }

        var addresses = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        await using var app = ServerApp.Create(configuration.Build(), addresses);
        await app.StartAsync(cancellationToken);
        Console.WriteLine($"Listening at {string.Join(", ", app.Urls)}");
        await app.WaitForShutdownAsync(cancellationToken);
        return Ok;
    }

    private static int Fail(string reason, int code)
    {
        Console.Error.WriteLine($"leyden-model-server: {reason}");
        return code;
    }
}
