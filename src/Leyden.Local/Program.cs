return await Leyden.Local.LeydenCommand.RunAsync(args);
