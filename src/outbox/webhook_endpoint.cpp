#include "outbox/webhook_endpoint.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "outbox/webhook_retry.hpp"

namespace cariosan::outbox {
namespace {

constexpr std::size_t kErrorBytes = 200;

/// Reduces a text to one line of printable characters, without cutting inside a character.
std::string one_line(std::string text) {
    if (text.size() > kErrorBytes) {
        std::size_t end = kErrorBytes;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
        text.resize(end);
    }
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    std::ranges::replace_if(text, control, ' ');
    return text;
}

std::string describe(const WebhookAnswer& answer) {
    if (answer.status != 0) return "the endpoint answered " + std::to_string(answer.status);
    return answer.error.empty() ? "there was no answer" : one_line(answer.error);
}

DeliveryResult::Outcome outcome_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::delivered: return DeliveryResult::Outcome::delivered;
        case Verdict::retry: return DeliveryResult::Outcome::retry;
        case Verdict::failed: return DeliveryResult::Outcome::failed;
        case Verdict::disable: return DeliveryResult::Outcome::disable;
    }
    return DeliveryResult::Outcome::failed;
}

}  // namespace

void WebhookEndpoint::lease(LeasedWebhook webhook, std::chrono::milliseconds until) {
    leased_until_ = until;
    set(std::move(webhook));
}

/// Storage does not know the results that are not committed yet, so they are added here.
void WebhookEndpoint::set(LeasedWebhook webhook) {
    webhook_ = std::move(webhook);
    for (const DeliveryResult& result : committing_) count(result);
    for (const DeliveryResult& result : results_) count(result);
}

void WebhookEndpoint::count(const DeliveryResult& result) noexcept {
    if (result.outcome == DeliveryResult::Outcome::delivered) {
        webhook_.failed_attempts = 0;
    } else {
        ++webhook_.failed_attempts;
    }
    if (result.outcome == DeliveryResult::Outcome::disable) end_lease();
}

std::vector<std::string> WebhookEndpoint::secrets_at(Timestamp now) const {
    std::vector<std::string> texts;
    for (const SigningSecret& secret : webhook_.secrets) {
        if (!secret.expires_at || *secret.expires_at > now) texts.push_back(secret.text);
    }
    return texts;
}

std::size_t WebhookEndpoint::capacity() const noexcept {
    if (!leased_until_ || under_way_.size() >= kMaxUnrecorded) return 0;
    // When down, only the oldest row is tried; which one that is, is known only once the previous one is recorded.
    if (webhook_.is_down()) return under_way_.empty() ? 1 : 0;
    const std::size_t allowed = webhook_.failed_attempts > 0 ? 1 : kCallsPerWebhook;
    return allowed > sending_ ? allowed - sending_ : 0;
}

std::vector<std::int64_t> WebhookEndpoint::rows_under_way() const {
    std::vector<std::int64_t> rows;
    rows.reserve(under_way_.size());
    for (const auto& [row, attempts] : under_way_) rows.push_back(row);
    return rows;
}

void WebhookEndpoint::begin(const DueDelivery& delivery) {
    under_way_.emplace(delivery.row, delivery.attempts);
    ++sending_;
}

const DeliveryResult& WebhookEndpoint::end(std::int64_t row, const WebhookAnswer& answer, Timestamp now,
                                           std::uint32_t random) {
    const auto found = under_way_.find(row);
    assert(found != under_way_.end() && sending_ > 0);
    --sending_;
    DeliveryResult result{.row = row, .outcome = outcome_of(judge_status(answer.status)), .at = now};
    if (answer.status != 0) result.status_code = answer.status;
    if (result.outcome != DeliveryResult::Outcome::delivered) result.error = describe(answer);
    if (result.outcome == DeliveryResult::Outcome::retry) {
        if (const auto delay = retry_delay(found->second + 1, random)) {
            result.next_attempt_at = Timestamp{now.milliseconds + delay->count()};
        } else {
            result.outcome = DeliveryResult::Outcome::failed;
        }
    }
    count(result);
    return results_.emplace_back(std::move(result));
}

std::vector<DeliveryResult> WebhookEndpoint::take_results() {
    if (!committing_.empty() || results_.empty()) return {};
    committing_ = std::exchange(results_, {});
    return committing_;
}

void WebhookEndpoint::recorded(std::optional<LeasedWebhook> webhook) {
    for (const DeliveryResult& result : committing_) under_way_.erase(result.row);
    committing_.clear();
    if (webhook) {
        set(std::move(*webhook));
    } else {
        end_lease();
    }
}

void WebhookEndpoint::not_recorded() {
    committing_.insert(committing_.end(), std::make_move_iterator(results_.begin()),
                       std::make_move_iterator(results_.end()));
    results_ = std::exchange(committing_, {});
}

}  // namespace cariosan::outbox
