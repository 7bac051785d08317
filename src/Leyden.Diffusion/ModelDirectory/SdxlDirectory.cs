namespace Leyden.Diffusion;

/// <summary>A directory with SDXL in the ONNX layout of Hugging Face Optimum, read and checked; no graph is open.</summary>
internal sealed class SdxlDirectory
{
    private readonly List<string> _files = [];

    private SdxlDirectory(string root) => Root = root;

    public string Root { get; }

    public required string Name { get; init; }

    public required string? Notice { get; init; }

    /// <summary>Whether an absent negative prompt is a conditioning of zeros, instead of an empty text.</summary>
    public required bool ZerosForEmptyPrompt { get; init; }

    public required ClipTokenizer Tokenizer { get; init; }

    public required ClipTokenizer Tokenizer2 { get; init; }

    public required TextEncoderGraph TextEncoder { get; init; }

    public required TextEncoderGraph TextEncoder2 { get; init; }

    public required UNetGraph UNet { get; init; }

    public required VaeDecoderGraph VaeDecoder { get; init; }

    public required SchedulerConfig Scheduler { get; init; }

    public required SafetyCheckerGraph? SafetyChecker { get; init; }

    /// <summary>Tokens of every text, start, end and padding included.</summary>
    public int Tokens => Tokenizer.MaxTokens;

    /// <exception cref="ModelDirectoryException">A file is missing, malformed, or contradicts another.</exception>
    public static SdxlDirectory Read(string path)
    {
        var root = Path.GetFullPath(path);
        if (!Directory.Exists(root))
        {
            throw new ModelDirectoryException(root, "a directory with a model was expected");
        }

        var index = ConfigFile.Read(Path.Combine(root, "model_index.json"));
        CheckClass(index);
        var first = TextEncoderGraph.Read(Path.Combine(root, "text_encoder"), pooled: false);
        var second = TextEncoderGraph.Read(Path.Combine(root, "text_encoder_2"), pooled: true);
        var unet = UNetGraph.Read(Path.Combine(root, "unet"), first, second);
        var own = index.OptionalObject("leyden");
        var directory = new SdxlDirectory(root)
        {
            Name = own?.OptionalText("name") ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(root)),
            Notice = own?.OptionalText("notice"),
            ZerosForEmptyPrompt = index.Flag("force_zeros_for_empty_prompt", absent: true),
            Tokenizer = ClipTokenizer.Load(Path.Combine(root, "tokenizer")),
            Tokenizer2 = ClipTokenizer.Load(Path.Combine(root, "tokenizer_2")),
            TextEncoder = first,
            TextEncoder2 = second,
            UNet = unet,
            VaeDecoder = VaeDecoderGraph.Read(Path.Combine(root, "vae_decoder"), unet),
            Scheduler = SchedulerConfig.Read(Path.Combine(root, "scheduler", "scheduler_config.json")),
            SafetyChecker = SafetyCheckerGraph.Read(root),
        };
        directory.CheckTokens();
        directory.ListFiles();
        return directory;
    }

    /// <summary>SHA-256 over everything that is read of the directory; see <see cref="ModelFiles.Sha256"/>.</summary>
    public string Sha256() => ModelFiles.Sha256(Root, _files);

    private static void CheckClass(ConfigFile index)
    {
        if (!index.Text("_class_name").Contains("StableDiffusionXL", StringComparison.Ordinal))
        {
            throw index.Fault("_class_name", "a StableDiffusionXLPipeline was expected");
        }

        if (index.Flag("requires_aesthetics_score", absent: false))
        {
            throw index.Fault("requires_aesthetics_score", "a base model was expected, not a refiner");
        }
    }

    private void CheckTokens()
    {
        if (Tokenizer2.MaxTokens != Tokens)
        {
            throw new ModelDirectoryException(
                Path.Combine(Root, "tokenizer_2"),
                $"as many tokens a text as in 'tokenizer' were expected, {Tokens}, not {Tokenizer2.MaxTokens}"
            );
        }

        var because = "the tokens that 'tokenizer' makes of a text";
        foreach (var encoder in new[] { TextEncoder, TextEncoder2 })
        {
            encoder.Ids.MustFit(encoder.File, 0, 1, "one text a call").MustFit(encoder.File, 1, Tokens, because);
            encoder.States.MustFit(encoder.File, 1, Tokens, because);
        }

        UNet.States.MustFit(UNet.File, 1, Tokens, because);
        CheckVocabulary("tokenizer", Tokenizer, TextEncoder);
        CheckVocabulary("tokenizer_2", Tokenizer2, TextEncoder2);
    }

    private void CheckVocabulary(string folder, ClipTokenizer tokenizer, TextEncoderGraph encoder)
    {
        if (encoder.Vocabulary is { } known && Math.Max(tokenizer.EndId, tokenizer.PadId) >= known)
        {
            throw new ModelDirectoryException(
                Path.Combine(Root, folder),
                $"ids below {known} were expected, 'vocab_size' of the text encoder; the end of a text has the id {tokenizer.EndId}"
            );
        }
    }

    private void ListFiles()
    {
        Add("model_index.json");
        Add("scheduler", "scheduler_config.json");
        foreach (var folder in new[] { "tokenizer", "tokenizer_2" })
        {
            Add(folder, "vocab.json");
            Add(folder, "merges.txt");
            AddIfThere(folder, "tokenizer_config.json");
            AddIfThere(folder, "special_tokens_map.json");
        }

        foreach (var file in new[] { TextEncoder.File, TextEncoder2.File, UNet.File, VaeDecoder.File })
        {
            _files.Add(Path.Combine(Path.GetDirectoryName(file.Path)!, "config.json"));
            _files.AddRange([file.Path, .. file.ExternalData]);
        }

        if (SafetyChecker is { } checker)
        {
            Add("feature_extractor", "preprocessor_config.json");
            _files.AddRange([checker.File.Path, .. checker.File.ExternalData]);
        }

        void Add(params string[] parts) => _files.Add(Path.Combine([Root, .. parts]));
        void AddIfThere(string folder, string name)
        {
            if (File.Exists(Path.Combine(Root, folder, name)))
            {
                Add(folder, name);
            }
        }
    }
}
