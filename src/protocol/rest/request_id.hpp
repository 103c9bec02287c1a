#pragma once

#include <cariosan/types.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace cariosan::protocol {

/// A compact request id: each WebSocket keeps the id of its upgrade for the log. Most ids are UUIDs (the server's own always are),
/// which take only 16 bytes.
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
    std::unique_ptr<const std::string> other_;  ///< set if the id is not a UUID
};

}  // namespace cariosan::protocol
