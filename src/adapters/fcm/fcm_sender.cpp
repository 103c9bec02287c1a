#include <cariosan/adapters/fcm.hpp>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "adapters/curl/http_client.hpp"
#include "adapters/curl/retry_after.hpp"
#include "adapters/fcm/access_token.hpp"
#include "adapters/fcm/push_answer.hpp"
#include "adapters/fcm/push_message.hpp"
#include "adapters/fcm/service_account.hpp"

namespace cariosan {
namespace {

constexpr std::size_t kMaxWaiting = 1000;

struct PendingPush {
    PushCall call{};
    std::function<void(PushAnswer)> done{};
    bool renewed = false;  ///< a new token was already requested for it
};

class FcmSender final : public PushSender {
  public:
    FcmSender(fcm::ServiceAccount account, std::shared_ptr<Rs256Key> key, std::shared_ptr<Clock> clock, std::string url,
              std::unique_ptr<curl::HttpClient> client)
        : account_(std::move(account)), key_(std::move(key)), clock_(std::move(clock)), url_(std::move(url)),
          client_(std::move(client)) {}

    void send(PushCall call, std::function<void(PushAnswer)> done) override {
        dispatch({.call = std::move(call), .done = std::move(done)});
    }

  private:
    /// Posts with the current token, or waits for the one being requested.
    void dispatch(PendingPush push) {
        std::string token;
        bool ask = false;
        {
            const std::scoped_lock lock(mutex_);
            if (!token_.empty() && clock_->elapsed() < fresh_until_) {
                token = token_;
            } else if (waiting_.size() < kMaxWaiting) {
                waiting_.push_back(std::move(push));
                ask = !std::exchange(asking_, true);
                if (!ask) return;
            }
        }
        if (ask) return ask_for_token();
        if (!token.empty()) return post(std::move(push), std::move(token));
        push.done({.outcome = PushOutcome::retry, .reason = "too many notifications wait for an access token"});
    }

    void ask_for_token() {
        const auto asked_at = clock_->elapsed();
        auto assertion = fcm::make_assertion(account_, *key_, clock_->now());
        if (!assertion) return take_token(std::move(assertion).error(), asked_at, {});
        client_->send({.url = account_.token_uri,
                       .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                       .body = fcm::token_request_body(*assertion)},
                      [this, asked_at](curl::HttpAnswer answer) {
                          take_token(fcm::parse_token_answer(answer.status, answer.body), asked_at,
                                     curl::parse_retry_after(answer.retry_after, clock_->now()));
                      });
    }

    void take_token(Result<fcm::AccessToken> token, std::chrono::milliseconds asked_at,
                    std::optional<std::chrono::seconds> retry_after) {
        std::deque<PendingPush> waiting;
        {
            const std::scoped_lock lock(mutex_);
            asking_ = false;
            waiting.swap(waiting_);
            token_ = token ? token->value : std::string();
            if (token) fresh_until_ = asked_at + token->fresh_for;
        }
        for (PendingPush& push : waiting) {
            if (token) {
                post(std::move(push), token->value);
            } else {
                push.done({.outcome = token.error().retryable ? PushOutcome::retry : PushOutcome::refused,
                           .retry_after = retry_after,
                           .reason = token.error().message});
            }
        }
    }

    void post(PendingPush push, std::string token) {
        curl::HttpRequest request{.url = url_,
                                  .headers = {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}},
                                  .body = fcm::send_body({.device_token = push.call.device_token,
                                                          .sender_name = push.call.sender_name,
                                                          .channel = push.call.channel,
                                                          .message = push.call.message})};
        client_->send(std::move(request),
                      [this, push = std::move(push), token = std::move(token)](curl::HttpAnswer answer) mutable {
                          judge(std::move(push), token, answer);
                      });
    }

    void judge(PendingPush push, const std::string& token, const curl::HttpAnswer& answer) {
        if (answer.status == 0) return push.done({.outcome = PushOutcome::retry, .reason = answer.error});
        auto outcome = fcm::judge_answer(answer.status, answer.retry_after, answer.body, clock_->now());
        if (outcome.verdict == fcm::PushVerdict::renew_token && !push.renewed) {
            {
                // Another request may have brought a new token since this was sent.
                const std::scoped_lock lock(mutex_);
                if (token_ == token) token_.clear();
            }
            push.renewed = true;
            return dispatch(std::move(push));
        }
        push.done({.outcome = outcome_of(outcome.verdict),
                   .retry_after = outcome.retry_after,
                   .reason = std::move(outcome.reason)});
    }

    /// A new token that is refused is a configuration fault.
    static PushOutcome outcome_of(fcm::PushVerdict verdict) {
        switch (verdict) {
            case fcm::PushVerdict::delivered:
                return PushOutcome::delivered;
            case fcm::PushVerdict::drop_token:
                return PushOutcome::drop_token;
            case fcm::PushVerdict::retry:
                return PushOutcome::retry;
            case fcm::PushVerdict::renew_token:
            case fcm::PushVerdict::refused:
                break;
        }
        return PushOutcome::refused;
    }

    const fcm::ServiceAccount account_;
    const std::shared_ptr<Rs256Key> key_;
    const std::shared_ptr<Clock> clock_;
    const std::string url_;
    std::mutex mutex_{};
    std::string token_{};                          // guarded by mutex_; empty: none
    std::chrono::milliseconds fresh_until_{};      // guarded by mutex_
    bool asking_ = false;                          // guarded by mutex_
    std::deque<PendingPush> waiting_{};            // guarded by mutex_
    const std::unique_ptr<curl::HttpClient> client_;  // last: its answers use the rest
};

/// `http` or `https`, a host, maybe a port, and nothing else.
bool is_base_url(std::string_view url) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (url.starts_with(scheme))
            return url.size() > scheme.size() && url.size() <= 1024 &&
                   url.find_first_of("/?#@\\ \r\n\t", scheme.size()) == std::string_view::npos;
    }
    return false;
}

}  // namespace

Result<std::shared_ptr<PushSender>> open_fcm(FcmOptions options) {
    if (!options.crypto) return invalid_field("crypto", "push needs a Crypto to sign with");
    if (!options.clock) return invalid_field("clock", "push needs a Clock");
    if (!is_base_url(options.base_url))
        return invalid_field("base_url", "the base URL is not http or https with a host, without a path");
    auto account = fcm::parse_service_account(options.service_account);
    if (!account) return std::move(account).error();
    const std::string project = options.project_id.empty() ? account->project_id : options.project_id;
    if (!fcm::is_project_id(project)) return invalid_field("project_id", "there is no project id, or it is not one");
    auto key = options.crypto->load_rs256_key(account->private_key);
    if (!key && key.error().code == ErrorCode::validation_error) {
        return invalid_field("private_key", "the private_key of the service account file is not an RSA key of 2,048 bits or more");
    }
    if (!key) return std::move(key).error();
    auto client = curl::HttpClient::open({.public_only = false,
                                          .ca_file = std::move(options.ca_file),
                                          .max_running = 100,
                                          .share_connections = true});
    if (!client) return std::move(client).error();
    return std::shared_ptr<PushSender>(std::make_shared<FcmSender>(
        std::move(account).value(), std::move(key).value(), std::move(options.clock),
        options.base_url + fcm::send_path(project), std::move(client).value()));
}

}  // namespace cariosan
