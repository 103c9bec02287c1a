#pragma once

#include "outbox/webhook_subject.hpp"

namespace cariosan::protocol {

/// Webhook bodies; section 8 of the protocol.
class JsonWebhookBodyEncoder final : public outbox::WebhookBodyEncoder {
  public:
    std::string encode(const outbox::WebhookSubject& subject) const override;
};

}  // namespace cariosan::protocol
