#pragma once

#include <cariosan/cariosan_parts.h>

#include <cariosan/delivery.hpp>
#include <memory>

#include "capi/parts/questions.hpp"

namespace cariosan::capi {

/// The senders of a host.
std::shared_ptr<PushSender> table_push(const cariosan_push_part& part, std::shared_ptr<Questions> questions);
std::shared_ptr<WebhookSender> table_webhooks(const cariosan_webhooks_part& part, std::shared_ptr<Questions> questions);

}  // namespace cariosan::capi
