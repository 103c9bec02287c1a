#include "capi/mounted_connection.hpp"

namespace cariosan::capi {

bool MountedConnection::fell_below() noexcept { return backlog() < kWritable && above_.exchange(false); }

bool MountedConnection::set_unsent(std::size_t bytes) noexcept {
    unsent_ = bytes;
    if (backlog() >= kWritable) above_ = true;
    return fell_below();
}

bool MountedConnection::handed_out(std::size_t bytes) noexcept {
    waiting_ -= bytes;
    return fell_below();
}

void MountedConnection::send(const FrameRef& frame) {
    if (closing_) return;
    for (const std::string_view payload : payloads(*frame)) {
        waiting_ += payload.size();
        outputs_.push(TextOutput{shared_from_this(), frame, payload});
    }
    if (backlog() >= kWritable) above_ = true;
}

void MountedConnection::ping() {
    if (!closing_) outputs_.push(PingOutput{shared_from_this()});
}

void MountedConnection::close(std::uint16_t code, std::string_view reason) {
    if (code == close_code::kSlow) waiting_ -= outputs_.drop_texts(*this);
    if (closing_) return;
    closing_ = true;
    outputs_.push(CloseOutput{shared_from_this(), code, std::string(reason)});
}

}  // namespace cariosan::capi
