#include "adapters/s3/object_removal.hpp"

#include <future>
#include <string_view>
#include <utility>

namespace cariosan::s3 {
namespace {

/// The code in the XML of an error, such as "AccessDenied", if it is a word.
std::string code_in(std::string_view body) {
    constexpr std::string_view kBegin = "<Code>";
    const auto begin = body.find(kBegin);
    if (begin == std::string_view::npos) return {};
    const std::string_view rest = body.substr(begin + kBegin.size(), 64);
    const auto end = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return std::string(rest.substr(0, end));
}

Error refusal(const curl::HttpAnswer& answer) {
    std::string reason = answer.status == 0 ? answer.error : "it answered " + std::to_string(answer.status);
    if (const std::string code = code_in(answer.body); !code.empty()) reason += " (" + code + ")";
    Error error = Error(ErrorCode::unavailable, "the bucket did not delete a file").because(std::move(reason));
    error.retryable = answer.status == 0 || answer.status == 408 || answer.status == 429 || answer.status >= 500;
    return error;
}

}  // namespace

Result<bool> ObjectRemoval::remove(std::string url) {
    if (!client_) {
        // The operator chose the server, on whatever network it is.
        auto client = curl::HttpClient::open({.public_only = false, .ca_file = ca_file_, .max_running = 1});
        if (!client) return std::move(client).error();
        client_ = std::move(client).value();
    }
    std::promise<curl::HttpAnswer> answered;
    client_->send({.url = std::move(url), .method = curl::HttpMethod::remove},
                  [&answered](curl::HttpAnswer answer) { answered.set_value(std::move(answer)); });
    const curl::HttpAnswer answer = answered.get_future().get();
    if (answer.status >= 200 && answer.status < 300) return true;
    if (answer.status == 404 && code_in(answer.body) != "NoSuchBucket") return false;
    return refusal(answer);
}

}  // namespace cariosan::s3
