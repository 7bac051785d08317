return await Leyden.ModelServer.ModelServerCommand.RunAsync(args);
