// A browser's subscription, which a user registers as any text, and the answer of the server it names.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "adapters/webpush/subscription.hpp"
#include "adapters/webpush/vapid.hpp"
#include "adapters/webpush/web_push_message.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

/// May stand in the head of a request.
bool is_head_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cariosan;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    for (const bool allow_http : {false, true}) {
        const auto read = webpush::parse_subscription(input, allow_http);
        if (!read) {
            require(read.error().code == ErrorCode::validation_error);
            continue;
        }
        require(webpush::is_subscription(input) || input.find('{') != input.npos);
        require(read->public_key.size() == 65 && read->auth.size() == 16);
        require(is_head_text(read->endpoint) && read->endpoint.starts_with(read->origin + "/"));
        require(allow_http || read->origin.starts_with("https://"));
        require(read->origin.find('@') == std::string::npos);
    }
    static_cast<void>(webpush::is_vapid_subject(input));
    for (const int status : {0, 201, 404, 429, 503}) {
        const PushAnswer judged = webpush::judge_push_answer({.status = status, .retry_after = std::string(input)}, "https://push.example", Timestamp{});
        require(!judged.pauses_all);
        require((judged.outcome == PushOutcome::drop_token) == (status == 404));
        require(!judged.retry_after || judged.outcome == PushOutcome::retry);
    }
    return 0;
}
