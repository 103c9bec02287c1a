// Handles the frames a client sends.
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
/// Commands in progress. More than the frame rate lets through while storage stalls for a few seconds.
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

const ClientSession::BuiltIn* ClientSession::built_in(std::string_view type) {
    static constexpr BuiltIn kEntries[] = {{"ping", &ClientSession::handle_ping},
                                           {"typing.start", &ClientSession::handle_typing_start},
                                           {"typing.stop", &ClientSession::handle_typing_stop},
                                           {"sync", &ClientSession::handle_sync},
                                           {"presence.subscribe", &ClientSession::handle_subscribe},
                                           {"presence.unsubscribe", &ClientSession::handle_unsubscribe},
                                           {"auth.refresh", &ClientSession::handle_refresh}};
    static_assert(std::ranges::is_permutation(kEntries, kBuiltInFrames, {}, &BuiltIn::type));
    const auto* const found = std::ranges::find(kEntries, type, &BuiltIn::type);
    return found != std::end(kEntries) ? found : nullptr;
}

void ClientSession::handle_text(std::string_view text) {
    Request request{.id = {}, .type = {}, .began = now()};
    JsonDocument document;
    if (auto parsed = document.parse(text); !parsed) return malformed(request, parsed.error());
    const json::object* object = document.root().if_object();
    if (object == nullptr)
        return malformed(request, Error(ErrorCode::validation_error, "a frame is a JSON object"));
    auto id = read_id(*object);
    if (!id) return malformed(request, id.error());
    request.id = std::move(*id);
    auto type = read_string(object, "type");
    if (!type) return malformed(request, type.error());
    const BuiltIn* const known = built_in(*type);
    const json::value* data = object->if_contains("data");
    const bool no_data = data == nullptr || data->is_null();
    const json::object* members = no_data ? nullptr : data->if_object();
    const CommandRow* row = known == nullptr ? services_.table.find_frame(*type, members) : nullptr;
    if (known != nullptr) request.type = known->type;
    if (row != nullptr) {
        request.type = row->name;
        request.changes = row->changes();
    }
    if (!no_data && members == nullptr)
        return malformed(request, invalid_field("data", "data must be an object"));
    if (!take_frame_token(request)) return;
    const ClientFrame frame{std::move(request), members};
    if (known != nullptr) return (this->*known->handler)(frame);
    if (row != nullptr) return handle_command(*row, frame);
    refuse(frame.request, invalid_field("type", "unknown frame type"));
}

void ClientSession::malformed(const Request& request, const Error& error) {
    refuse(request, error);
    if (++malformed_frames_ < kMaxMalformed) return;
    close(close_code::kMalformed, "too many malformed frames: at most " + std::to_string(kMaxMalformed - 1));
}

bool ClientSession::take_frame_token(const Request& request) {
    const core::Pace pace{.count = services_.frames_per_second, .period = std::chrono::seconds(1), .held = kFrameBurst};
    if (!pace.is_limit()) return true;
    const std::chrono::nanoseconds missing = frames_.take(pace, now());
    if (missing.count() <= 0) {
        refused_frames_ = 0;
        return true;
    }
    const Error error = core::too_often("frames", pace, missing);
    refuse(request, error);
    if (++refused_frames_ >= kMaxRefused) give_up(close_code::kTooMany, "too many frames", error);
    return false;
}

void ClientSession::log_frame(engine::EngineImpl& engine, const realtime::SessionHandle& asker, const Request& request,
                              const Error* error) {
    const std::chrono::milliseconds took = engine.clock().elapsed() - request.began;
    log_request(engine.log(), {.method = "WS",
                               .route = request.type,
                               .error = error,
                               .duration = took,
                               .workspace = asker.workspace,
                               .user = asker.user,
                               .changes = request.changes,
                               .command = request.type,
                               .worked = took});
}

void ClientSession::log_frame(const Request& request, const Error* error) const {
    log_frame(services_.engine, *handle_, request, error);
}

void ClientSession::answer(const Request& request, const FrameRef& frame) {
    log_frame(request);
    send(frame);
}

void ClientSession::refuse(const Request& request, const Error& error) {
    log_frame(request, &error);
    send(error_frame(request.id, error));
}

bool ClientSession::begin_command(const Request& request) {
    if (pending_commands_ < kMaxPending) {
        ++pending_commands_;
        return true;
    }
    refuse(request, too_many_wait("frames wait for their answer", kMaxPending, std::chrono::milliseconds(100)));
    return false;
}

void ClientSession::handle_command(const CommandRow& row, const ClientFrame& frame) {
    auto invocation = decode(row, Caller::Kind::user, Input(frame.data, {}));
    if (!invocation) return refuse(frame.request, invocation.error());
    if (!begin_command(frame.request)) return;
    AnswerView view = AnswerView::of(caller(), invocation->command, services_.engine);
    auto respond = guarded([&row, id = frame.request.id, view = std::move(view)](ClientSession& self, Result<Outcome> outcome) {
        --self.pending_commands_;
        self.send(outcome ? answer_frame("ack", id, ack_data(row, *outcome, view)) : error_frame(id, outcome.error()));
    });
    // Commands are logged even if the session has ended and gets no answer.
    auto done = [&engine = services_.engine, handle = handle_, request = frame.request,
                 respond = std::move(respond)](Result<Outcome> outcome) {
        log_frame(engine, *handle, request, outcome ? nullptr : &outcome.error());
        respond(std::move(outcome));
    };
    services_.engine.submit_to(lane_.queue(), caller(), std::move(invocation->command), std::move(done), asker());
}

void ClientSession::handle_ping(const ClientFrame& frame) {
    answer(frame.request, answer_frame("pong", frame.request.id, "{}"));
}

/// Answers only malformed frames. Typing in a channel that the user is not a member of is ignored.
void ClientSession::handle_typing(const ClientFrame& frame, bool started) {
    const auto channel = read_string(frame.data, "channel");
    if (!channel) return refuse(frame.request, channel.error());
    const auto id = ChannelId::parse(*channel);
    if (id && lane_.hub().subscribed(*this, *id)) {
        log_frame(frame.request);
        return services_.engine.typing(handle_, *id, started);
    }
    if (!begin_command(frame.request)) return;
    services_.engine.submit_to(lane_.queue(), caller(), GetChannel{.channel = *channel},
                               guarded([started, request = frame.request](ClientSession& self, Result<Outcome> outcome) {
                                   --self.pending_commands_;
                                   self.log_frame(request, outcome ? nullptr : &outcome.error());
                                   if (!outcome || !self.open()) return;
                                   const ChannelId found = std::get<Channel>(outcome->answer).id;
                                   self.services_.engine.typing(self.handle_, found, started);
                               }),
                               asker());
}

void ClientSession::handle_refresh(const ClientFrame& frame) {
    const auto token = read_string(frame.data, "token");
    if (!token) return refuse(frame.request, token.error());
    const auto claims = services_.tokens.verify(*token);
    if (!claims) return refuse(frame.request, claims.error());
    if (claims->workspace != handle_->workspace || claims->user != handle_->user ||
        claims->external_id != external_id_) {
        return refuse(frame.request, Error(ErrorCode::forbidden, "the token belongs to another user"));
    }
    token_ends_ = claims->ends;
    answer(frame.request, object_frame("ack", frame.request.id, [&](ObjectWriter& data) {
        data.time("expires_at", Timestamp{claims->expires_at * 1000});
    }));
}

void ClientSession::handle_sync(const ClientFrame& frame) {
    auto request = read_sync_request(frame.data);
    if (!request) return refuse(frame.request, request.error());
    request->id = frame.request.id;
    if (!sync().has_room()) {
        return refuse(frame.request, too_many_wait("sync frames wait", SyncRunner::kMaxRequests, std::chrono::seconds(1)));
    }
    answer(frame.request, answer_frame("ack", frame.request.id, "{}"));
    if (open()) sync().start(std::move(*request));
}

}  // namespace cariosan::protocol
