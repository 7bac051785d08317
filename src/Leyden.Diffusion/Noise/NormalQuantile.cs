namespace Leyden.Diffusion;

/// <summary>
/// The quantile function of the standard normal distribution: algorithm AS 241, PPND16 (Wichura 1988, Applied Statistics 37, 477–484), to about
/// 16 digits. Only additions, multiplications, divisions and square roots of IEEE 754 doubles, so that every machine gives the same bits.
/// </summary>
internal static class NormalQuantile
{
    private const double Ln2 = 0.693147180559945309417;

    private static ReadOnlySpan<double> Centre =>
        [
            3.3871328727963666080e0,
            1.3314166789178437745e2,
            1.9715909503065514427e3,
            1.3731693765509461125e4,
            4.5921953931549871457e4,
            6.7265770927008700853e4,
            3.3430575583588128105e4,
            2.5090809287301226727e3,
        ];

    private static ReadOnlySpan<double> UnderCentre =>
        [
            1,
            4.2313330701600911252e1,
            6.8718700749205790830e2,
            5.3941960214247511077e3,
            2.1213794301586595867e4,
            3.9307895800092710610e4,
            2.8729085735721942674e4,
            5.2264952788528545610e3,
        ];

    private static ReadOnlySpan<double> Tail =>
        [
            1.42343711074968357734e0,
            4.63033784615654529590e0,
            5.76949722146069140550e0,
            3.64784832476320460504e0,
            1.27045825245236838258e0,
            2.41780725177450611770e-1,
            2.27238449892691845833e-2,
            7.74545014278341407640e-4,
        ];

    private static ReadOnlySpan<double> UnderTail =>
        [
            1,
            2.05319162663775882187e0,
            1.67638483018380384940e0,
            6.89767334985100004550e-1,
            1.48103976427480074590e-1,
            1.51986665636164571966e-2,
            5.47593808499534494600e-4,
            1.05075007164441684324e-9,
        ];

    /// <summary>1, 1/3, 1/5, … 1/23.</summary>
    private static ReadOnlySpan<double> InverseOdd =>
        [1, 1 / 3.0, 1 / 5.0, 1 / 7.0, 1 / 9.0, 1 / 11.0, 1 / 13.0, 1 / 15.0, 1 / 17.0, 1 / 19.0, 1 / 21.0, 1 / 23.0];

    /// <summary>The number that a standard normal variable is below with probability 1/2 + <paramref name="q"/>.</summary>
    /// <param name="q">−1/2…1/2, both excluded, and no nearer to them than e⁻²⁵ (2⁻³³ is what is needed).</param>
    public static double At(double q)
    {
        if (Math.Abs(q) <= 0.425)
        {
            var r = 0.180625 - (q * q);
            return q * Polynomial(Centre, r) / Polynomial(UnderCentre, r);
        }

        var fromMiddle = Math.Sqrt(-Log(0.5 - Math.Abs(q))) - 1.6;
        var quantile = Polynomial(Tail, fromMiddle) / Polynomial(UnderTail, fromMiddle);
        return q < 0 ? -quantile : quantile;
    }

    /// <summary>The natural logarithm of a normal positive double: ln 2 · exponent + 2·artanh((m−1)/(m+1)) of the mantissa m near 1.</summary>
    internal static double Log(double x)
    {
        var exponent = Math.ILogB(x);
        var mantissa = Math.ScaleB(x, -exponent);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }

        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        var sum = 0.0;
        for (var power = 23; power >= 1; power -= 2)
        {
            sum = (sum * square) + InverseOdd[power / 2];
        }

        return (exponent * Ln2) + (2 * s * sum);
    }

    /// <summary>Eight coefficients, the constant first, by Horner's rule.</summary>
    private static double Polynomial(ReadOnlySpan<double> c, double x) =>
        (((((((((((((c[7] * x) + c[6]) * x) + c[5]) * x) + c[4]) * x) + c[3]) * x) + c[2]) * x) + c[1]) * x) + c[0];
}
