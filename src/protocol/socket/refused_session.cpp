#include "protocol/socket/refused_session.hpp"

#include "protocol/errors.hpp"
#include "protocol/socket/frames.hpp"

namespace cariosan::protocol {
namespace {

void close_for(SessionSink& sink, const Error& verdict) {
    switch (http_status(verdict.code)) {
        case 401: return sink.close(close_code::kUnauthorized, "the token was refused");
        case 403: return sink.close(close_code::kForbidden, "not admitted");
        default: return sink.close(close_code::kOverloaded, "try again later");
    }
}

}  // namespace

RefusedSession::RefusedSession(LaneImpl& lane, SessionSink& sink, const Error& verdict)
    : sink_(std::make_shared<SessionSink*>(&sink)) {
    lane.queue()->push(realtime::Complete{[weak = std::weak_ptr<SessionSink*>(sink_), verdict] {
        const auto open = weak.lock();
        if (!open) return;
        (*open)->send(error_frame({}, verdict));
        close_for(**open, verdict);
    }});
}

}  // namespace cariosan::protocol
