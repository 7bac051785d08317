using System.Globalization;
using System.Text;
using Leyden.Storage;

// increment FOLDER KEY TIMES: adds one to a number, so many times, each by compare-and-swap.
// churn FOLDER: writes numbered objects of many lines and deletes older ones, until it is killed; prints each number once written.
using var store = new FolderObjectStore(args[1], signer: null, TimeProvider.System);
switch (args[0])
{
    case "increment":
        await IncrementAsync(new ObjectKey(args[2]), int.Parse(args[3], CultureInfo.InvariantCulture));
        break;
    case "churn":
        await ChurnAsync();
        break;
    default:
        throw new ArgumentException($"'{args[0]}' is no command.");
}

async Task IncrementAsync(ObjectKey key, int times)
{
    for (var done = 0; done < times; )
    {
        await using var read = await store.GetAsync(key, CancellationToken.None);
        using var reader = new StreamReader(read!.Content);
        var next = int.Parse(await reader.ReadToEndAsync(), CultureInfo.InvariantCulture) + 1;
        var written = await PutAsync(
            key,
            next.ToString(CultureInfo.InvariantCulture),
            "application/json",
            WriteCondition.IfMatch(read.ETag)
        );
        done += written is null ? 0 : 1;
    }
}

async Task ChurnAsync()
{
    const int Slots = 7;
    for (var number = 0; ; number++)
    {
        var key = new ObjectKey($"churn/{number % Slots}/object.txt");
        var content = string.Concat(Enumerable.Repeat($"{number}\n", 1 + number % 20_000));

        // Such a type is kept in a file of its own, which must fit the content whenever the process is killed.
        await PutAsync(key, content, $"text/x-{number}", WriteCondition.None);
        Console.WriteLine(number);
        if (number % 3 == 0)
        {
            await store.DeleteAsync(new ObjectKey($"churn/{(number + 3) % Slots}/object.txt"), CancellationToken.None);
        }
    }
}

async Task<string?> PutAsync(ObjectKey key, string text, string contentType, WriteCondition condition)
{
    using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
    return await store.PutAsync(key, content, contentType, condition, CancellationToken.None);
}
