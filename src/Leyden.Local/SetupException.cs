namespace Leyden.Local;

/// <summary>The program can not start as it is configured. The message is one readable line that says what to change.</summary>
internal sealed class SetupException(string message, Exception? cause = null) : Exception(message, cause);
