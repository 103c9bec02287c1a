// Signs standard input as a webhook delivery, for tests in other languages:
//   sign_webhook <event> <event id> <milliseconds since 1970> [how many secrets]
// prints as many new secrets, the newest first, and then a line "name: value" for each header.
#include <cariosan/adapters/openssl.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "adapters/webhook/signature.hpp"

int main(int argc, char** argv) {
    if (argc < 4 || argc > 5) return 2;
    const std::string body{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    const auto crypto = cariosan::openssl_crypto();
    std::vector<cariosan::webhook::Secret> secrets;
    for (int more = argc == 5 ? std::atoi(argv[4]) : 1; more > 0; --more) secrets.push_back(cariosan::webhook::Secret::make(*crypto));
    if (secrets.empty()) return 2;
    const cariosan::webhook::Attempt attempt{
        .event = argv[1], .event_id = argv[2], .at = cariosan::Timestamp{std::atoll(argv[3])}, .body = body};
    for (const auto& secret : secrets) std::printf("%s\n", secret.text.c_str());
    for (const auto& [name, value] : cariosan::webhook::signed_headers(attempt, secrets, *crypto)) {
        std::printf("%s: %s\n", name.c_str(), value.c_str());
    }
    return 0;
}
