return await Leyden.Functions.FunctionsApp.RunAsync(args);
