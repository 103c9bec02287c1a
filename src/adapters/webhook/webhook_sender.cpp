#include <cariosan/adapters/webhook.hpp>
#include <functional>
#include <utility>
#include <vector>

#include "adapters/curl/http_client.hpp"
#include "adapters/webhook/signature.hpp"

namespace cariosan {
namespace {

class HttpWebhookSender final : public WebhookSender {
  public:
    HttpWebhookSender(std::shared_ptr<Crypto> crypto, std::unique_ptr<curl::HttpClient> client)
        : crypto_(std::move(crypto)), client_(std::move(client)) {}

    void send(WebhookCall call, std::function<void(WebhookAnswer)> done) override {
        std::vector<webhook::Secret> secrets;
        for (const std::string& text : call.secrets) {
            auto secret = webhook::Secret::parse(text);
            if (!secret) return done({.error = "a signing secret cannot be read"});
            secrets.push_back(*std::move(secret));
        }
        if (secrets.empty()) return done({.error = "there is no signing secret"});
        curl::HttpRequest request{.url = std::move(call.url),
                                  .headers = webhook::signed_headers({.event = call.event,
                                                                      .event_id = call.event_id,
                                                                      .at = call.at,
                                                                      .body = call.body},
                                                                     secrets, *crypto_)};
        if (!call.traceparent.empty()) request.headers.emplace_back("traceparent", std::move(call.traceparent));
        request.body = std::move(call.body);
        client_->send(std::move(request), [done = std::move(done)](curl::HttpAnswer answer) {
            done({.status = answer.status, .error = std::move(answer.error)});
        });
    }

  private:
    const std::shared_ptr<Crypto> crypto_;
    const std::unique_ptr<curl::HttpClient> client_;
};

}  // namespace

Result<std::shared_ptr<WebhookSender>> open_webhook_sender(WebhookSenderOptions options) {
    using namespace std::chrono_literals;
    if (!options.crypto) return invalid_field("crypto", "webhooks need a Crypto to be signed with");
    if (options.timeout < 1ms || options.timeout > 10s)
        return invalid_field("timeout", "an attempt takes from 1 ms to 10 s");
    auto client = curl::HttpClient::open({.public_only = !options.allow_private,
                                          .ca_file = std::move(options.ca_file),
                                          .timeout = options.timeout});
    if (!client) return std::move(client).error();
    return std::shared_ptr<WebhookSender>(
        std::make_shared<HttpWebhookSender>(std::move(options.crypto), std::move(client).value()));
}

}  // namespace cariosan
