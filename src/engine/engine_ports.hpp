#pragma once

#include <memory>

#include "core/text/metadata_check.hpp"
#include "outbox/webhook_subject.hpp"

namespace cariosan::engine {

/// The JSON side of `metadata`. Defined in src/protocol, which is the layer that knows JSON and part of this library.
std::unique_ptr<core::MetadataCheck> make_metadata_check();

/// The JSON encoding of webhooks, in the same way.
std::unique_ptr<outbox::WebhookBodyEncoder> make_webhook_body_encoder();

}  // namespace cariosan::engine
