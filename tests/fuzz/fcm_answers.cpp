// Data from Google: the key file, the answers of the token server and of FCM, and a Retry-After. The whole input is used
// as each of them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/curl/retry_after.hpp"
#include "adapters/fcm/access_token.hpp"
#include "adapters/fcm/push_answer.hpp"
#include "adapters/fcm/service_account.hpp"

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

bool is_one_line(std::string_view text) {
    return text.size() < 1000 && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cariosan;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const Timestamp now{1769847300'000};

    const auto account = fcm::parse_service_account(input);
    expect(account ? !account->private_key.empty() && is_one_line(account->token_uri)
                   : is_one_line(account.error().message));
    for (const int status : {0, 200, 400, 500}) {
        const auto token = fcm::parse_token_answer(status, input);
        expect(token ? !token->value.empty() && token->fresh_for.count() > 0
                     : is_one_line(token.error().message));
    }
    for (const int status : {0, 200, 400, 401, 403, 404, 429, 500, 503}) {
        const auto outcome = fcm::judge_answer(status, input, input, now);
        expect(is_one_line(outcome.reason));
        expect(!outcome.retry_after || outcome.verdict == fcm::PushVerdict::retry);
        // A device token is only dropped because of FCM's answer, and never because a server is unreachable.
        const bool says_so =
            input.find("UNREGISTERED") != input.npos || input.find("fieldViolations") != input.npos;
        const bool may_say_so = says_so || input.find('\\') != input.npos;
        expect(outcome.verdict != fcm::PushVerdict::drop_token || may_say_so);
    }
    const auto wait = curl::parse_retry_after(input, now);
    expect(!wait || (wait->count() >= 1 && wait->count() <= 3600));
    return 0;
}
