#pragma once

#include <cariosan/types.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace cariosan::protocol {

/// A request's id, kept for long: each WebSocket keeps that of its upgrade for the log. Most are UUIDs, ours always, and take
/// 16 bytes until they are written out.
class RequestId {
  public:
    explicit RequestId(std::string_view text) {
        if (const auto uuid = Uuid::parse(text)) {
            uuid_ = *uuid;
        } else {
            other_ = std::make_unique<const std::string>(text);
        }
    }

    std::string text() const { return other_ ? *other_ : uuid_.to_string(); }

  private:
    Uuid uuid_;
    std::unique_ptr<const std::string> other_;  ///< null: it is the UUID
};

}  // namespace cariosan::protocol
