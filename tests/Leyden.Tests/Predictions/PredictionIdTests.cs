using CsCheck;
using Leyden.Predictions;

namespace Leyden.Tests.Predictions;

public sealed class PredictionIdTests
{
    private static readonly Gen<DateTimeOffset> AnyTime = Gen.Long[0, (1L << 48) - 1]
        .Select(ms => ms <= 253402300799999 ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : DateTimeOffset.MaxValue);

    [Fact]
    public void An_id_carries_its_time_and_reads_as_itself_in_any_case() =>
        AnyTime.Sample(time =>
        {
            var id = PredictionId.New(time, Randomness.Create());
            Assert.Equal(time.ToUnixTimeMilliseconds(), id.Time.ToUnixTimeMilliseconds());
            Assert.True(PredictionId.TryParse(id.Value.ToUpperInvariant(), out var again));
            Assert.Equal(id, again);
        });

    [Fact]
    public void Younger_ids_are_filed_before_older_ones() =>
        Gen.Select(AnyTime, AnyTime)
            .Sample(
                (a, b) =>
                {
                    var (older, younger) = a < b ? (a, b) : (b, a);
                    var first = Key(younger);
                    var second = Key(older);
                    if (older.ToUnixTimeMilliseconds() != younger.ToUnixTimeMilliseconds())
                    {
                        Assert.True(string.CompareOrdinal(first, second) < 0, $"{first} is not before {second}");
                    }
                }
            );

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("01hzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("8zzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("01hzzzzzzzzzzzzzzzzzzzzzzu")]
    [InlineData("../../../../../../../../aa")]
    public void What_is_no_id_is_refused(string? text) => Assert.False(PredictionId.TryParse(text, out _));

    [Fact]
    public void The_id_is_read_back_from_where_its_record_is_filed()
    {
        var id = PredictionId.New(DateTimeOffset.UnixEpoch.AddYears(56), Randomness.Create());

        Assert.True(PredictionKeys.TryReadId(PredictionKeys.Record(Owner.Local, id), out var fromRecord));
        Assert.True(PredictionKeys.TryReadId(PredictionKeys.OpenMarker(Owner.Local, id), out var fromMarker));
        Assert.Equal((id, id), (fromRecord, fromMarker));
    }

    [Fact]
    public void A_member_has_one_id_however_often_it_is_asked_for_and_members_sort_by_their_numbers()
    {
        var time = DateTimeOffset.UnixEpoch.AddYears(56).AddMilliseconds(7);
        var ids = Enumerable.Range(0, 10_000).Select(i => PredictionId.Member(time, i, "a-batch")).ToList();

        Assert.Equal(ids.Select(id => id.Value).Order(StringComparer.Ordinal), ids.Select(id => id.Value));
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(ids[9_999], PredictionId.Member(time, 9_999, "a-batch"));
        Assert.All(ids, id => Assert.Equal(time, id.Time));
        Assert.NotEqual(ids[3], PredictionId.Member(time, 3, "another-batch"));
    }

    private static string Key(DateTimeOffset time) =>
        PredictionKeys.Record(Owner.Local, PredictionId.New(time, Randomness.Create())).Value;
}
