using System.Net;
using CsCheck;
using Leyden.Net;

namespace Leyden.Tests.Net;

public sealed class PublicAddressesTests
{
    private static readonly Gen<IPAddress> AnyV4 = Gen.Byte.Array[4].Select(bytes => new IPAddress(bytes));
    private static readonly Gen<IPAddress> AnyV6 = Gen.Byte.Array[16].Select(bytes => new IPAddress(bytes));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.255.255.255")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.0")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.0.1")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::7f00:1")] // IPv4-compatible 127.0.0.1
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::10.0.0.1")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("64:ff9b:1::8.8.8.8")] // local-use translation
    [InlineData("100::1")] // discard
    [InlineData("2001::1")] // Teredo
    [InlineData("2001:2::1")] // benchmarks
    [InlineData("2001:20::1")] // ORCHID
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")] // 6to4 of 127.0.0.1
    [InlineData("2002:808:808::1")] // 6to4 of 8.8.8.8
    [InlineData("3fff::1")]
    [InlineData("4000::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")] // metadata over IPv6
    [InlineData("fe80::1")]
    [InlineData("febf::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void Addresses_inside_networks_are_not_public(string address)
    {
        Assert.False(PublicAddresses.IsPublic(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("8.8.8.8")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("168.63.129.15")]
    [InlineData("168.63.129.17")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.0.1.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::8.8.8.8")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001::1")]
    public void Addresses_of_the_internet_are_public(string address)
    {
        Assert.True(PublicAddresses.IsPublic(IPAddress.Parse(address)));
    }

    [Fact]
    public void An_IPv4_address_is_judged_alike_in_every_wrapping()
    {
        AnyV4.Sample(address =>
        {
            var bytes = address.GetAddressBytes();
            var expected = PublicAddresses.IsPublic(address);
            byte[] nat64 = [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, .. bytes];
            byte[] compatible = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. bytes];
            byte[] sixToFour = [0x20, 0x02, .. bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

            Assert.Equal(expected, PublicAddresses.IsPublic(address.MapToIPv6()));
            Assert.Equal(expected, PublicAddresses.IsPublic(new IPAddress(nat64)));
            Assert.False(PublicAddresses.IsPublic(new IPAddress(compatible)));
            Assert.False(PublicAddresses.IsPublic(new IPAddress(sixToFour)));
        });
    }

    [Fact]
    public void Outside_of_global_unicast_and_the_translations_no_IPv6_address_is_public()
    {
        AnyV6.Sample(address =>
        {
            var first = address.GetAddressBytes()[0];
            Assert.True(
                first is >= 0x20 and <= 0x3F || address.IsIPv4MappedToIPv6 || !PublicAddresses.IsPublic(address)
            );
        });
    }

    [Fact]
    public void Loopback_is_the_whole_of_127_and_one_of_IPv6_and_never_public()
    {
        AnyV4.Sample(address =>
        {
            var isLoopback = address.GetAddressBytes()[0] == 127;
            Assert.Equal(isLoopback, PublicAddresses.IsLoopback(address));
            Assert.Equal(isLoopback, PublicAddresses.IsLoopback(address.MapToIPv6()));
            Assert.False(isLoopback && PublicAddresses.IsPublic(address));
        });
        Assert.True(PublicAddresses.IsLoopback(IPAddress.IPv6Loopback));
        Assert.False(PublicAddresses.IsLoopback(IPAddress.IPv6Any));
    }
}
