using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Leyden.ModelServer.Tests;

/// <summary>
/// The Dockerfiles as far as they can be tried without Docker: what they copy is enough for what they run, what comes of it starts, and
/// the file itself keeps to the rules of such images.
/// </summary>
public sealed partial class DockerfileTests
{
    public static TheoryData<string> Files => ["Dockerfile", "Dockerfile.cpu"];

    [Fact]
    public async Task What_the_CPU_image_is_made_of_publishes_and_starts()
    {
        var lines = Instructions("Dockerfile.cpu");
        var context = Directory.CreateTempSubdirectory("leyden-image-");
        try
        {
            foreach (
                var copy in lines.Where(l =>
                    l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from", StringComparison.Ordinal)
                )
            )
            {
                Copy(copy.Split(' ')[1..], context.FullName);
            }

            var publish = lines.Single(l => l.StartsWith("RUN dotnet publish", StringComparison.Ordinal));
            var app = Path.Combine(context.FullName, "app");
            var (code, said, _) = await Programs.RunAsync(
                "dotnet",
                publish["RUN dotnet ".Length..].Replace("-o /app", $"-o {app}", StringComparison.Ordinal).Split(' '),
                context.FullName
            );
            Assert.True(code == 0, said);

            var entry = Path.Combine(app, EntryPoint(lines)[0]["/app/".Length..]);
            var (started, help, error) = await Programs.RunAsync(entry, ["--help"]);
            Assert.True(started == 0, error);
            Assert.Contains("--urls", help, StringComparison.Ordinal);
            Assert.Contains("libonnxruntime.so", Directory.EnumerateFiles(app).Select(Path.GetFileName));
        }
        finally
        {
            context.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Images_run_without_rights_from_bases_that_can_be_pinned(string file)
    {
        var lines = Instructions(file);

        var arguments = lines.Where(l => l.StartsWith("ARG ", StringComparison.Ordinal)).ToList();
        Assert.All(arguments, a => Assert.Matches(@"=\S+[:@]\S+$", a)); // a tag or a digest, never the latest
        Assert.All(
            lines.Where(l => l.StartsWith("FROM ", StringComparison.Ordinal)),
            from => Assert.Matches(@"^FROM \$\{(SDK|BASE)\}( AS build)?$", from)
        );
        var user = lines.Last(l => l.StartsWith("USER ", StringComparison.Ordinal));
        Assert.Matches(@"^USER (\d{4,}|\$APP_UID)$", user);
        Assert.True(lines.IndexOf(user) > lines.FindLastIndex(l => l.StartsWith("RUN ", StringComparison.Ordinal)));
        Assert.Equal(["/app/leyden-model-server", "--urls", "http://0.0.0.0:5000"], EntryPoint(lines));
        Assert.Contains("EXPOSE 5000", lines);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_set_in_the_image_are_settings(string file)
    {
        var lines = Instructions(file);
        var known = new[]
        {
            (typeof(ModelServerOptions), ModelServerOptions.Section),
            (typeof(Loading.ModelSourceOptions), Loading.ModelSourceOptions.Section),
        }
            .SelectMany(o =>
                o.Item1.GetProperties().Select(p => $"{o.Item2}:{p.Name}".Replace(":", "__", StringComparison.Ordinal))
            )
            .Append("Logging__Console__FormatterName");

        var set = lines
            .Where(l => l.StartsWith("ENV ", StringComparison.Ordinal))
            .SelectMany(l => Setting().Matches(l).Select(m => m.Groups[1].Value))
            .ToList();

        Assert.NotEmpty(set);
        Assert.All(set, name => Assert.Contains(name, known));
    }

    private static List<string> Instructions(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository(), "src", "Leyden.ModelServer", file));
        return
        [
            .. text.Replace("\\\n", " ", StringComparison.Ordinal)
                .Split('\n')
                .Where(line => line.Length > 0 && line[0] != '#')
                .Select(line => Blanks().Replace(line, " ").Trim()),
        ];
    }

    private static string[] EntryPoint(List<string> lines) =>
        System.Text.Json.JsonSerializer.Deserialize<string[]>(
            lines.Single(l => l.StartsWith("ENTRYPOINT ", StringComparison.Ordinal))["ENTRYPOINT ".Length..]
        )!;

    // As .dockerignore has it: nothing that a build has made.
    private static void Copy(string[] words, string context)
    {
        foreach (var source in words[..^1].Select(w => Path.Combine(Repository(), w.TrimEnd('/'))))
        {
            var isFolder = Directory.Exists(source);
            var files = isFolder ? Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories) : [source];
            foreach (var file in files.Where(f => !Built().IsMatch(f)))
            {
                var target = Path.Combine(
                    context,
                    words[^1],
                    isFolder ? Path.GetRelativePath(source, file) : Path.GetFileName(file)
                );
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }
    }

    private static string Repository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"[/\\](bin|obj)[/\\]")]
    private static partial Regex Built();

    [GeneratedRegex(@"([A-Za-z_]+)=\S+")]
    private static partial Regex Setting();
}
