#include <array>
#include <cariosan/adapters/webpush.hpp>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "adapters/curl/http_client.hpp"
#include "adapters/webpush/message_encryption.hpp"
#include "adapters/webpush/subscription.hpp"
#include "adapters/webpush/vapid.hpp"
#include "adapters/webpush/web_push_message.hpp"
#include "encoding/base64.hpp"

namespace cariosan {
namespace {

using std::chrono::milliseconds;

/// RFC 8292 allows a day; clocks differ.
constexpr std::int64_t kAuthorizationSeconds = 12 * 3600;
constexpr std::int64_t kRenewSeconds = 11 * 3600;
/// How long a push service keeps a notification for a browser that is away. Later, it is useless.
constexpr const char* kTimeToLive = "86400";
/// An origin that did not answer is left alone for this long, so that its users cannot keep the connections of others busy.
constexpr milliseconds kSilencePause{10'000};
/// Browsers have a handful; users can name any number.
constexpr std::size_t kMostOrigins = 1000;

/// A random private key. A number that is out of range, which practically never occurs, is replaced.
Result<std::pair<std::string, std::shared_ptr<P256Key>>> make_key(Crypto& crypto) {
    constexpr int kAttempts = 4;
    for (int attempt = 1;; ++attempt) {
        std::array<std::uint8_t, 32> bytes{};
        crypto.random(bytes);
        std::string text(bytes.begin(), bytes.end());
        auto key = crypto.load_p256_key(text);
        if (key) return std::pair(std::move(text), std::move(key).value());
        if (attempt == kAttempts || key.error().code != ErrorCode::validation_error) return std::move(key).error();
    }
}

class WebPushSender final : public PushSender {
  public:
    WebPushSender(WebPushOptions options, std::shared_ptr<P256Key> key, std::unique_ptr<curl::HttpClient> client)
        : options_(std::move(options)), key_(std::move(key)), client_(std::move(client)) {}

    void send(PushCall call, std::function<void(PushAnswer)> done) override {
        if (!webpush::is_subscription(call.device_token)) return pass_on(std::move(call), std::move(done));
        auto to = webpush::parse_subscription(call.device_token, options_.allow_private);
        if (!to) return done({.outcome = PushOutcome::drop_token, .reason = std::move(to).error().message, .pauses_all = false});
        if (const auto wait = pause_of(to->origin)) {
            return done({.outcome = PushOutcome::retry, .retry_after = wait, .reason = to->origin + " asked to wait", .pauses_all = false});
        }
        auto request = request_for(call, *to);
        if (!request) {
            const bool bad_key = request.error().code == ErrorCode::validation_error;
            return done({.outcome = bad_key ? PushOutcome::drop_token : PushOutcome::refused,
                         .reason = std::move(request).error().message,
                         .pauses_all = false});
        }
        client_->send(std::move(request).value(), [this, origin = std::move(to->origin), done = std::move(done)](const curl::HttpAnswer& answer) {
            PushAnswer judged = webpush::judge_push_answer(answer, origin, options_.clock->now());
            if (answer.status == 0) pause(origin, kSilencePause);
            else if (judged.retry_after) pause(origin, *judged.retry_after);
            done(std::move(judged));
        });
    }

  private:
    struct Origin {
        std::string authorization{};
        std::int64_t signed_at = 0;  ///< in seconds since 1970
        milliseconds paused_until{};  ///< by `Clock::elapsed`
    };

    void pass_on(PushCall call, std::function<void(PushAnswer)> done) {
        if (options_.others) return options_.others->send(std::move(call), std::move(done));
        done({.outcome = PushOutcome::refused, .reason = "the device's token is no subscription of a browser, and there is no other push service"});
    }

    Result<curl::HttpRequest> request_for(const PushCall& call, const webpush::Subscription& to) {
        Crypto& crypto = *options_.crypto;
        auto ephemeral = make_key(crypto);
        if (!ephemeral) return Error(ErrorCode::internal, std::move(ephemeral).error().message);
        std::array<std::uint8_t, webpush::kSaltBytes> salt{};
        crypto.random(salt);
        auto body = webpush::encrypt_message(webpush::notification_json(call), to,
                                             {.key = *ephemeral->second, .salt = std::string(salt.begin(), salt.end())}, crypto);
        if (!body) return std::move(body).error();
        auto authorization = authorization_for(to.origin);
        if (!authorization) return std::move(authorization).error();
        return curl::HttpRequest{.url = to.endpoint,
                                 .headers = {{"Authorization", *std::move(authorization)},
                                             {"Content-Encoding", "aes128gcm"},
                                             {"Content-Type", "application/octet-stream"},
                                             {"TTL", kTimeToLive},
                                             {"Urgency", "normal"},
                                             {"Topic", webpush::topic_of(call.channel, to, crypto)}},
                                 .body = *std::move(body)};
    }

    Result<std::string> authorization_for(const std::string& origin) {
        const std::int64_t now = options_.clock->now().milliseconds / 1000;
        const std::scoped_lock lock(mutex_);
        Origin& known = origin_at(origin);
        const bool is_fresh = known.signed_at <= now && now < known.signed_at + kRenewSeconds;
        if (known.authorization.empty() || !is_fresh) {
            auto made = webpush::vapid_authorization(*key_, origin, options_.subject, now + kAuthorizationSeconds);
            if (!made) return made;
            known.authorization = *std::move(made);
            known.signed_at = now;
        }
        return known.authorization;
    }

    void pause(const std::string& origin, milliseconds wait) {
        const milliseconds until = options_.clock->elapsed() + wait;
        const std::scoped_lock lock(mutex_);
        Origin& known = origin_at(origin);
        known.paused_until = std::max(known.paused_until, until);
    }

    /// How long this origin is still to be left alone.
    std::optional<milliseconds> pause_of(const std::string& origin) {
        const milliseconds now = options_.clock->elapsed();
        const std::scoped_lock lock(mutex_);
        const auto known = origins_.find(origin);
        if (known == origins_.end() || known->second.paused_until <= now) return std::nullopt;
        return known->second.paused_until - now;
    }

    /// With the mutex held.
    Origin& origin_at(const std::string& origin) {
        if (origins_.size() >= kMostOrigins && !origins_.contains(origin)) origins_.clear();
        return origins_[origin];
    }

    const WebPushOptions options_;
    const std::shared_ptr<P256Key> key_;
    std::mutex mutex_{};
    std::map<std::string, Origin> origins_{};         // guarded by mutex_
    const std::unique_ptr<curl::HttpClient> client_;  // last: its answers use the rest
};

}  // namespace

Result<std::string> make_vapid_key(Crypto& crypto) {
    auto made = make_key(crypto);
    if (!made) return std::move(made).error();
    return encoding::encode_base64url(made->first);
}

Result<std::string> vapid_public_key(std::string_view private_key, Crypto& crypto) {
    auto key = webpush::read_vapid_key(private_key, crypto);
    if (!key) return invalid_field("private_key", key.error().message);
    return encoding::encode_base64url((*key)->public_key());
}

Result<std::shared_ptr<PushSender>> open_web_push(WebPushOptions options) {
    if (!options.crypto) return invalid_field("crypto", "push needs a Crypto to sign with");
    if (!options.clock) return invalid_field("clock", "push needs a Clock");
    if (!webpush::is_vapid_subject(options.subject))
        return invalid_field("subject", "the subject is neither a mailto: address nor an https URL");
    auto key = webpush::read_vapid_key(options.private_key, *options.crypto);
    if (!key && key.error().code == ErrorCode::validation_error) return invalid_field("private_key", key.error().message);
    if (!key) return std::move(key).error();
    auto client = curl::HttpClient::open({.public_only = !options.allow_private,
                                          .ca_file = options.ca_file,
                                          .max_running = 100,
                                          .share_connections = true});
    if (!client) return std::move(client).error();
    return std::shared_ptr<PushSender>(
        std::make_shared<WebPushSender>(std::move(options), std::move(key).value(), std::move(client).value()));
}

}  // namespace cariosan
