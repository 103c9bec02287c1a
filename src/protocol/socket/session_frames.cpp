// What a client says, and what it is answered.
#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "core/propagate.hpp"
#include "core/text/text.hpp"
#include "protocol/json/json_reader.hpp"
#include "protocol/rest/request_log.hpp"
#include "protocol/socket/client_session.hpp"
#include "protocol/socket/frame_types.hpp"
#include "protocol/socket/sync_runner.hpp"

namespace cariosan::protocol {
namespace {

namespace json = boost::json;

constexpr std::uint16_t kMaxMalformed = 10;
/// Above what the rate of frames lets through while storage stalls for seconds.
constexpr std::uint32_t kMaxPending = 256;
constexpr std::int64_t kFrameBurst = 60;
constexpr std::uint16_t kMaxRefused = 60;
constexpr std::size_t kLongestId = 255;

/// The client's `id` as JSON text: a string or a whole number. Empty if there is none.
Result<FrameId> read_id(const json::object& frame) {
    const json::value* value = frame.if_contains("id");
    if (value == nullptr || value->is_null()) return FrameId();
    const bool scalar = value->is_string() || value->is_int64();
    FrameId id = scalar ? canonical_json(*value) : FrameId();
    if (!scalar) return invalid_field("id", "id must be a string or a whole number");
    if (id.size() > kLongestId) return over_limit("id", kLongestId, "id is too long as JSON", "bytes");
    return id;
}

Error too_many_wait(std::string_view what, std::size_t limit, std::chrono::milliseconds wait) {
    return Error(ErrorCode::rate_limited, "too many " + std::string(what) + ": at most " + std::to_string(limit))
        .with("retry_after_ms", std::int64_t{wait.count()})
        .with("limit", static_cast<std::int64_t>(limit));
}

Result<std::string> read_string(const json::object* data, std::string_view name) {
    const InputValue value = Input(data, {}).find(name);
    if (value.absent()) return detail::missing(name);
    std::string text;
    CARIOSAN_TRY_DONE(read_value(name, value, text));
    return text;
}

}  // namespace

ClientSession::Handler ClientSession::built_in(std::string_view type) {
    struct Entry {
        std::string_view type;
        Handler handler;
    };
    static constexpr Entry kEntries[] = {{"ping", &ClientSession::handle_ping},
                                         {"typing.start", &ClientSession::handle_typing_start},
                                         {"typing.stop", &ClientSession::handle_typing_stop},
                                         {"sync", &ClientSession::handle_sync},
                                         {"presence.subscribe", &ClientSession::handle_subscribe},
                                         {"presence.unsubscribe", &ClientSession::handle_unsubscribe},
                                         {"auth.refresh", &ClientSession::handle_refresh}};
    static_assert(std::ranges::is_permutation(kEntries, kBuiltInFrames, {}, &Entry::type));
    for (const Entry& entry : kEntries) {
        if (entry.type == type) return entry.handler;
    }
    return nullptr;
}

void ClientSession::handle_text(std::string_view text) {
    JsonDocument document;
    if (auto parsed = document.parse(text); !parsed) return malformed({}, parsed.error());
    const json::object* object = document.root().if_object();
    if (object == nullptr)
        return malformed({}, Error(ErrorCode::validation_error, "a frame is a JSON object"));
    auto id = read_id(*object);
    if (!id) return malformed({}, id.error());
    auto type = read_string(object, "type");
    if (!type) return malformed(*id, type.error());
    const json::value* data = object->if_contains("data");
    const bool no_data = data == nullptr || data->is_null();
    if (!no_data && !data->is_object())
        return malformed(*id, invalid_field("data", "data must be an object"));
    if (!take_frame_token(*id)) return;
    handle_frame({std::move(*type), std::move(*id), no_data ? nullptr : data->if_object()});
}

void ClientSession::malformed(const FrameId& id, const Error& error) {
    send(error_frame(id, error));
    if (++malformed_frames_ >= kMaxMalformed) close(close_code::kMalformed, "too many malformed frames");
}

bool ClientSession::take_frame_token(const FrameId& id) {
    const core::Pace pace{.count = services_.frames_per_second, .period = std::chrono::seconds(1), .held = kFrameBurst};
    if (!pace.is_limit()) return true;
    const std::chrono::nanoseconds missing = frames_.take(pace, now());
    if (missing.count() <= 0) {
        refused_frames_ = 0;
        return true;
    }
    const Error error = core::too_often("frames", pace, missing);
    send(error_frame(id, error));
    if (++refused_frames_ >= kMaxRefused) give_up(close_code::kTooMany, "too many frames", error);
    return false;
}

void ClientSession::handle_frame(const ClientFrame& frame) {
    if (const Handler handler = built_in(frame.type)) return (this->*handler)(frame);
    const CommandRow* row = services_.table.find(frame.type);
    if (row == nullptr || row->ack == Ack::none) {
        return send(error_frame(frame.id, invalid_field("type", "there is no such type of frame")));
    }
    handle_command(*row, frame);
}

bool ClientSession::begin_command(const FrameId& id) {
    if (pending_commands_ < kMaxPending) {
        ++pending_commands_;
        return true;
    }
    send(error_frame(id, too_many_wait("frames wait for their answer", kMaxPending, std::chrono::milliseconds(100))));
    return false;
}

void ClientSession::log_command(const CommandRow& row, std::chrono::milliseconds began, std::optional<ErrorCode> code) const {
    log_request(services_.engine.log(), {.method = "WS",
                                         .route = row.name,
                                         .code = code,
                                         .duration = now() - began,
                                         .workspace = principal_.caller.workspace(),
                                         .user = principal_.user,
                                         .changes = row.changes()});
}

void ClientSession::handle_command(const CommandRow& row, const ClientFrame& frame) {
    const std::chrono::milliseconds began = now();
    auto invocation = decode(row, Caller::Kind::user, Input(frame.data, {}));
    if (!invocation) {
        log_command(row, began, invocation.error().code);
        return send(error_frame(frame.id, invocation.error()));
    }
    if (!begin_command(frame.id)) return log_command(row, began, ErrorCode::rate_limited);
    AnswerView view = AnswerView::of(principal_.caller, invocation->command);
    services_.engine.submit_to(
        lane_.queue(), principal_.caller, std::move(invocation->command),
        guarded([&row, id = frame.id, view = std::move(view), began](ClientSession& self, Result<Outcome> outcome) {
            --self.pending_commands_;
            self.log_command(row, began, outcome ? std::nullopt : std::optional(outcome.error().code));
            if (!outcome && !outcome.error().cause.empty()) {
                self.services_.engine.log().write(
                    LogLevel::error, "frame.failed",
                    {{"message", outcome.error().message}, {"cause", outcome.error().cause}});
            }
            self.send(outcome ? answer_frame("ack", id, ack_data(row, *outcome, view))
                              : error_frame(id, outcome.error()));
        }),
        asker());
}

void ClientSession::handle_ping(const ClientFrame& frame) { send(answer_frame("pong", frame.id, "{}")); }

/// No answer unless the frame is malformed. Typing in a channel the user is not a member of is ignored.
void ClientSession::handle_typing(const ClientFrame& frame, bool started) {
    const auto channel = read_string(frame.data, "channel");
    if (!channel) return send(error_frame(frame.id, channel.error()));
    const auto id = ChannelId::parse(*channel);
    if (id && lane_.hub().subscribed(*this, *id)) return services_.engine.typing(handle_, *id, started);
    if (!begin_command(frame.id)) return;
    services_.engine.submit_to(lane_.queue(), principal_.caller, GetChannel{.channel = *channel},
                               guarded([started](ClientSession& self, Result<Outcome> outcome) {
                                   --self.pending_commands_;
                                   if (!outcome || !self.open()) return;
                                   const ChannelId found = std::get<Channel>(outcome->answer).id;
                                   self.services_.engine.typing(self.handle_, found, started);
                               }),
                               asker());
}

void ClientSession::handle_refresh(const ClientFrame& frame) {
    const auto token = read_string(frame.data, "token");
    if (!token) return send(error_frame(frame.id, token.error()));
    const auto claims = services_.tokens.verify(*token);
    if (!claims) return send(error_frame(frame.id, claims.error()));
    if (claims->workspace != handle_->workspace || claims->user != handle_->user ||
        claims->external_id != principal_.caller.external_id()) {
        return send(error_frame(frame.id, Error(ErrorCode::forbidden, "the token is of another user")));
    }
    principal_.token_ends = claims->ends;
    send(object_frame("ack", frame.id, [&](ObjectWriter& data) {
        data.time("expires_at", Timestamp{claims->expires_at * 1000});
    }));
}

void ClientSession::handle_sync(const ClientFrame& frame) {
    auto request = read_sync_request(frame.data);
    if (!request) return send(error_frame(frame.id, request.error()));
    request->id = frame.id;
    if (!sync().has_room()) {
        return send(error_frame(frame.id, too_many_wait("sync frames wait", SyncRunner::kMaxRequests, std::chrono::seconds(1))));
    }
    send(answer_frame("ack", frame.id, "{}"));
    if (open()) sync().start(std::move(*request));
}

}  // namespace cariosan::protocol
