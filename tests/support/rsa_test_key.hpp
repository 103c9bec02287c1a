/// A private RSA key made for these tests, which protects nothing.
#pragma once

#include <string_view>

namespace cariosan::test {

/// PKCS #8, 2,048 bits.
inline constexpr std::string_view kRsaTestKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDT3F8l/HQQn1F6\n"
    "RD4MeS4Yh8PV5vmfTevkk0J0iAjheoYbkIe+J7wXNvj6+q4YWiX+RGAUM45DEOoD\n"
    "NQolIiCcYbHmBfqxIUjv9Xstve6DUxk6K/tVLf9W23l+A8Crtg4TwM49qh46w7qr\n"
    "q/IpflNjgNK4v8M9uFDdlqGfFjCaDs1PoALzjOF7jZ5OJTgyphzZ9xjNNSEPY7bR\n"
    "UGf8jf56UXXU9/WgB5YFsvyUok3oUTQ6m9KakoYhbIEji8Z0DB13zySpuyioTkN5\n"
    "duLxgyr31pk9mwQWG9swUP7VJcD+qXGSJ7ZnbGVliYgiXE1OPfeasVfIDwkFJWTG\n"
    "pIRX2VGXAgMBAAECggEAYocNrv5Rwfs96rU7ABUJNXpKPru84nPcHUDI+qXbL3WK\n"
    "Ud5s6qfTBx7XOu2DMqsWGUKWRj7VzeXbVuN/VNaiwOeEUvv74w2ePI53G0ZF2sg2\n"
    "JsIWkD4kjjHithKrs4+my1Py9mWbymuFcFo2dEqeIFvkY+w2sgj6fpsTjgdFUhdw\n"
    "hvhcsenKdVFSOlL+RkijSibIzN9k6ufGGDyFPbP7U/wINhKFjXrVP6Qs2bk00cjP\n"
    "aN79UjJTy0liQKkwcYxPvAok25hm9FwY2bV6++Qb9QS7o5TCFnpZithMq268s2C0\n"
    "LV6co6ckval/+dDAwI1O/+EmVdLwyhhAVy8SRmYzMQKBgQDtg9fRFHi1ctahTpWB\n"
    "yr85zfvOowECxl4IbRoc9rC0av9afHbe6sthZlSoDGbXHr43yDQ4oTjs/+SQHLxp\n"
    "aB2POMifpGyGuPZyIhLTqmqqN20djB5IPT4L3HwDtJ0qmjs9iUCy9+ZyoQ7GRRMB\n"
    "OesZ1S5sxzVrw0LYTmjOlFisZwKBgQDkWWeUaiSaLIo5NkxU/e6cCC4l9DGtBG5v\n"
    "EqDLAIu10MjRTN1vOG4UPS9MTCSLxfYa+iBsc711UcAR5r3iLcEDDZ4C6rIfYrhw\n"
    "JDCUD2UBb+taUeuOyWmCBsgfFTMLBDmX6CNkZUpZ/SkdQ3zjw9/D4ybIl2KlDk3a\n"
    "9lZ7u5PzUQKBgHw/CuexqM9qaoJpZGZIFC595Wqb9IxqDoij4hQirB9FFZ1VHK3R\n"
    "72BdMo3SJv4DdAgkL8Ur+WZpGjyU+668KzJfxvtT/P2gxjLARk75h+DRK8BYKwMp\n"
    "HksAJNOfaNP/aFvxb6nvalqui9cGDUIH9UdHMIjw0K41r8MNiV//VD+jAoGBAJnL\n"
    "zYOcacKdNQuLkqW70bWtnMdbTQnm7ipJNZsEZxSx5k9xocKDE0D2ZKDSt9qcHkHV\n"
    "LXleCsC1qtNjwYhQoKrZxQ7Z29ZfuzFsbnuKUtFA/Bb9DdZBuZolzyuAL7y/v7qc\n"
    "UxoPTqCFbeeTyM3u4wsgNsLrkzjwBWfwehckI2XBAoGAFD+K7+d4ygrCNfTQ21ct\n"
    "ubCXGx26HCYkWkMCwOkm3Z+844re0ivw/uSXhuM/8LF06OnmvwWnG6ZMplSgnuQM\n"
    "QmcAjF8dztHYoJA8Z55w6kXpTz2CVxAVsd3e7FgDC6sVRVRjso/GWrWSL7pCV87a\n"
    "npLNaf43uiTOgO+QG3sxYms=\n"
    "-----END PRIVATE KEY-----\n";

/// The output of `openssl dgst -sha256 -sign` with this key for "signed by a test", in hexadecimal.
inline constexpr std::string_view kRsaTestSignature =
    "7045ce8cf0e74dc85415acf4d9b2fb326dc96028e7906cd1f5beaf4f02618f134be2907653f6dad527e6d85d58de133f"
    "870671e2b43f9f634aa4963d5756d6c9fb249322f6e14d1f2230df0bdca3a6643ca2d3981288fd642009c0143dd0c6bf"
    "7a507530cf453ea8332107e5e21428330f829b005abe489fb0049862d730f40dc262e12110d1e9db74529f714748ac9f"
    "073eb6fd04d10ea01096567afdcc6549186a3555e45af59fcc92bcd263c7e489aadf2e3fc00b96e3874f85eb9cdb26fa"
    "c5a4a65a26185f55a5f1b9d9159cb0e162d8cd0aeacffee0b435e55de3102e9b0e4345fa5ddd9e432937f12c59fc90d2"
    "8e6f07cdd6b58fb2c949f6f00ec1a15d";

}  // namespace cariosan::test
