/// Decides whether two requests under one idempotency key are the same. Sections 3.1 and 6 of the protocol.
#pragma once

#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cariosan/storage.hpp>
#include <string>
#include <string_view>

#include "core/use_case.hpp"

namespace cariosan::core {

/// The hashed parts of a request: its type, content, attachment, parent, mentions (in any order) and metadata, and for an
/// import also its time and its parent's key. Every part carries its length, so no two requests encode alike.
std::string encode_request(const mutation::SendMessage& send);

/// Of requests for a webhook, or for a new secret: all that the caller gave.
std::string encode_request(const mutation::CreateWebhook& create);
std::string encode_request(const mutation::RotateWebhookSecret& rotate);

/// The HMAC of what `encode_request` made, under the secret of the workspace.
Result<Digest> hash_request(WorkspaceId workspace, std::string_view encoded, Context& context);
Result<Digest> hash_request(const mutation::SendMessage& send, Context& context);

/// Looks up a send by its key: the outcome of the first send if it was the same request (with the message as it is now),
/// `conflict` if it was a different one, nothing if the key is new. `send` has a key and its hash.
Result<std::optional<Outcome>> find_known_send(const mutation::SendMessage& send, std::int64_t channel_rev,
                                               Context& context);

}  // namespace cariosan::core
