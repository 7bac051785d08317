using System.Text;
using CsCheck;
using Leyden.Backends;
using Leyden.Backends.Container;
using Leyden.Outputs;
using Leyden.Storage;

namespace Leyden.Tests.Backends.Container;

public sealed class CogAnswerReaderTests
{
    [Theory]
    [InlineData("""{"status":"succeeded","output":null}""", 0)]
    [InlineData("""{"status":"succeeded","output":[]}""", 0)]
    [InlineData("""{ "output" : "data:image\/png;base64,YWJj" , "status":"succeeded"}""", 1)]
    [InlineData(
        """{"id":"a","logs":"\"output\":[\\","metrics":{"predict_time":1.5,"x":[1,{"a":"}"}]},"output":["data:image/png;base64,YWJj","data:;base64,YWJj"],"status":"succeeded"}""",
        2
    )]
    public async Task Answers_are_read_whatever_their_order(string json, int pictures)
    {
        var sink = new Sink();

        var read = await new CogAnswerReader(sink).ReadAsync(Bytes(json), TestContext.Current.CancellationToken);

        Assert.Equal("succeeded", read.Status);
        Assert.Equal(Enumerable.Repeat("abc", pictures), sink.Contents.Select(Encoding.UTF8.GetString));
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{1}")]
    [InlineData("{status:1}")]
    [InlineData("""{"status" "succeeded"}""")]
    [InlineData("""{"output":"https://example.com/a.png"}""")]
    [InlineData("""{"output":{"a":1}}""")]
    [InlineData("""{"output":["data:image/png;base64,YW\u00e4"]}""")]
    public async Task What_is_no_answer_is_refused_in_words(string json)
    {
        var fault = await Assert.ThrowsAsync<FormatException>(() =>
            new CogAnswerReader(new Sink()).ReadAsync(Bytes(json), TestContext.Current.CancellationToken)
        );

        Assert.NotEmpty(fault.Message);
    }

    [Fact]
    public async Task A_value_without_end_is_refused() =>
        await Assert.ThrowsAsync<FormatException>(() =>
            new CogAnswerReader(new Sink()).ReadAsync(
                Bytes($$"""{"logs":"{{new string('x', 2 << 20)}}"}"""),
                TestContext.Current.CancellationToken
            )
        );

    [Fact]
    public async Task An_answer_cut_anywhere_is_told_from_one_that_is_wrong()
    {
        const string json =
            """{"id":"a","logs":"b","metrics":{"predict_time":1.5},"output":["data:image/png;base64,YWJjYWJj"],"status":"succeeded"}""";
        for (var length = 0; length < json.Length; length++)
        {
            var reader = new CogAnswerReader(new Sink());

            await Assert.ThrowsAnyAsync<IOException>(() =>
                reader.ReadAsync(Bytes(json[..length]), TestContext.Current.CancellationToken)
            );
        }
    }

    [Fact]
    public async Task Pictures_of_any_bytes_come_through_in_pieces_of_any_size() =>
        await Gen.Select(Gen.Byte.Array[1, 5000].List[1, 4], Gen.Int[1, 700])
            .SampleAsync(
                async (pictures, piece) =>
                {
                    var texts = pictures.Select(p => $"\"data:image/png;base64,{Convert.ToBase64String(p)}\"");
                    var sink = new Sink();

                    await new CogAnswerReader(sink).ReadAsync(
                        new Pieces(
                            Bytes($$"""{"output":[{{string.Join(" , ", texts)}}],"status":"succeeded"}"""),
                            piece
                        ),
                        TestContext.Current.CancellationToken
                    );

                    Assert.Equal(pictures, sink.Contents);
                },
                iter: 200
            );

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private sealed class Sink : IOutputSink
    {
        public List<byte[]> Contents { get; } = [];

        public int Count => Contents.Count;

        public async Task<FetchOutcome> AddAsync(Stream content, CancellationToken cancellationToken)
        {
            var bytes = new MemoryStream();
            await content.CopyToAsync(bytes, cancellationToken);
            Contents.Add(bytes.ToArray());
            return new FetchOutcome.Stored(
                new PredictionOutput(new ObjectKey("a"), "image/png", bytes.Length, "", null, null)
            );
        }
    }

    /// <summary>Gives at most so many bytes a read, as networks do.</summary>
    private sealed class Pieces(Stream inner, int length) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer[..Math.Min(length, buffer.Length)], cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Flush() { }
    }
}
