using System.Text;
using Leyden.Diffusion;

namespace Leyden.ModelServer.Loading;

/// <summary>What happens while the model loads: for the server's log and for <c>/health-check</c>.</summary>
internal sealed partial class SetupLog(ILogger<SetupLog> logger)
{
    private const int MaxLength = 20_000;
    private readonly Lock _gate = new();
    private readonly StringBuilder _text = new();

    /// <summary>Everything said so far.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>Adds a line.</summary>
    public void Say(string line)
    {
        Log.Setup(logger, line);
        Add(line);
    }

    /// <summary>Adds why it failed. What is wrong with a directory is for people to mend and needs no stack trace.</summary>
    public void Fail(Exception fault)
    {
        Log.Failed(logger, fault is ModelDirectoryException ? null : fault, fault.Message);
        Add(fault.Message);
    }

    private void Add(string line)
    {
        lock (_gate)
        {
            if (_text.Length < MaxLength)
            {
                _text.Append(line).Append('\n');
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Line}")]
        public static partial void Setup(ILogger logger, string line);

        [LoggerMessage(2, LogLevel.Error, "The model could not be loaded: {Reason}")]
        public static partial void Failed(ILogger logger, Exception? fault, string reason);
    }
}
