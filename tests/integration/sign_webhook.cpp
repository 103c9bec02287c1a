// Signs standard input as a webhook delivery, for tests in other languages:
//   sign_webhook <event> <event id> <milliseconds since 1970>
// prints a new secret and then a line "name: value" for each header.
#include <cariosan/adapters/openssl.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>

#include "adapters/webhook/signature.hpp"

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const std::string body{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    const auto crypto = cariosan::openssl_crypto();
    const auto secret = cariosan::webhook::Secret::make(*crypto);
    const cariosan::webhook::Attempt attempt{
        .event = argv[1], .event_id = argv[2], .at = cariosan::Timestamp{std::atoll(argv[3])}, .body = body};
    std::printf("%s\n", secret.text.c_str());
    for (const auto& [name, value] : cariosan::webhook::signed_headers(attempt, secret, *crypto)) {
        std::printf("%s: %s\n", name.c_str(), value.c_str());
    }
    return 0;
}
