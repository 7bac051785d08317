using Leyden.Storage;

namespace Leyden.Tests.Storage;

public sealed class FolderListingTests
{
    [Fact]
    public void A_page_of_100_000_objects_reads_the_directories_it_shows_and_no_others()
    {
        using var folder = TemporaryFolder.InMemory();
        for (var hour = 0; hour < 500; hour++)
        {
            var directory = Path.Combine(folder.Path, "p", $"{hour / 24:d3}", $"{hour % 24:d2}");
            Directory.CreateDirectory(directory);
            for (var number = 0; number < 200; number++)
            {
                File.Create(Path.Combine(directory, $"{number:d3}.json")).Dispose();
            }
        }

        var read = new List<string>();
        var listing = new FolderListing(
            new FolderLayout(folder.Path),
            directory => read.Add(Path.GetRelativePath(folder.Path, directory))
        );

        Assert.Equal(["p/000/00/000.json", "p/000/00/001.json"], listing.KeysAfter("p/", null).Take(2));
        Assert.Equal(["p", "p/000", "p/000/00"], read);

        read.Clear();
        var deep = listing.KeysAfter("p/", "p/012/07/198.json").Take(101).ToList();
        Assert.Equal("p/012/07/199.json", deep[0]);
        Assert.Equal("p/012/08/000.json", deep[1]);
        Assert.Equal("p/012/08/099.json", deep[^1]);
        Assert.Equal(["p", "p/012", "p/012/07", "p/012/08"], read);

        read.Clear();
        Assert.Equal(["p/019/", "p/020/"], listing.FoldersAfter("p/", "p/018/"));
        Assert.Equal(5, read.Count);

        Assert.Equal(100_000, listing.KeysAfter("", null).Count());
    }
}
