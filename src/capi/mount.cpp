#include "capi/mount.hpp"

#include <utility>
#include "core/propagate.hpp"

namespace cariosan::capi {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::string_view kSocketPath = "/v1/ws";
constexpr std::uint16_t kGoingAway = 1001;
constexpr std::uint16_t kTooBig = 1009;

Error full(const std::string& what, std::size_t most, const char* unit) {
    return Error(ErrorCode::unavailable, what + ": at most " + std::to_string(most) + " " + unit);
}

}  // namespace

Result<std::unique_ptr<Mount>> Mount::create(Gateway& gateway, Outputs& outputs, const Limits& limits,
                                             std::function<void()> wake) {
    std::unique_ptr<Mount> mount(new Mount(gateway, outputs, limits, std::move(wake)));
    if (!mount->lane_) return Error(ErrorCode::unavailable, "the gateway has no lane left");
    return mount;
}

Mount::Mount(Gateway& gateway, Outputs& outputs, const Limits& limits, std::function<void()> wake)
    : gateway_(gateway),
      outputs_(outputs),
      limits_(limits),
      wake_(std::move(wake)),
      lane_(gateway.make_lane(wake_)) {}

Mount::~Mount() {
    refuse();
    if (lane_) finish();
}

Result<Done> Mount::push(Input input, std::size_t bytes) {
    bool was_empty = false;
    {
        const std::lock_guard lock(input_mutex_);
        if (refusing_) return Error(ErrorCode::unavailable, "the engine is closing");
        if (bytes > kMaxBytesIn - bytes_in_) return full("too much waits to be polled", kMaxBytesIn, "bytes");
        was_empty = inputs_.empty();
        inputs_.push_back(std::move(input));
        bytes_in_ += bytes;
    }
    if (was_empty) wake_();
    return Done{};
}

void Mount::refuse() {
    const std::lock_guard lock(input_mutex_);
    refusing_ = true;
}

Result<MountedConnectionRef> Mount::find(std::uint64_t number) const {
    const std::lock_guard lock(sessions_mutex_);
    const auto found = sessions_.find(number);
    if (found == sessions_.end()) return not_found("session");
    return found->second;
}

void Mount::remove(std::uint64_t number) {
    const std::lock_guard lock(sessions_mutex_);
    sessions_.erase(number);
}

Result<Done> Mount::receive(std::uint64_t number, std::string_view text) {
    CARIOSAN_TRY(MountedConnectionRef session, find(number));
    MountedConnection& target = *session;
    if (text.size() > static_cast<std::size_t>(limits_.client_frame_bytes)) {
        if (target.too_big_waits.exchange(true)) return Done{};
        const std::string most = std::to_string(limits_.client_frame_bytes);
        return push(CloseInput{std::move(session), kTooBig, "message is too big: at most " + most + " bytes"}, 0);
    }
    if (target.texts_in >= kMaxSessionTextsIn) {
        return full("too much of this session waits to be polled", kMaxSessionTextsIn, "texts");
    }
    if (target.bytes_in + text.size() > kMaxSessionBytesIn) {
        return full("too much of this session waits to be polled", kMaxSessionBytesIn, "bytes");
    }
    ++target.texts_in;
    target.bytes_in += text.size();
    const MountedConnectionRef counted = session;
    auto pushed = push(TextInput{std::move(session), std::string(text)}, text.size());
    if (!pushed) {
        --counted->texts_in;
        counted->bytes_in -= text.size();
    }
    return pushed;
}

Result<Done> Mount::alive(std::uint64_t number) {
    CARIOSAN_TRY(MountedConnectionRef session, find(number));
    if (session->alive_waits.exchange(true)) return Done{};
    return push(AliveInput{std::move(session)}, 0);
}

Result<Done> Mount::set_unsent(std::uint64_t number, std::size_t bytes) {
    CARIOSAN_TRY(MountedConnectionRef session, find(number));
    return session->set_unsent(bytes) ? push_writable(session) : Done{};
}

Result<Done> Mount::push_writable(const MountedConnectionRef& session) {
    if (session->writable_waits.exchange(true)) return Done{};
    return push(WritableInput{session}, 0);
}

Result<Done> Mount::closed(std::uint64_t number) {
    Result<MountedConnectionRef> session = find(number);
    if (!session) {
        const std::lock_guard lock(sessions_mutex_);
        if (number == 0 || number > last_session_) return std::move(session).error();
        return Done{};  // it has ended already
    }
    (*session)->forget();
    // Refused while the engine is closing: the session then stays until `finish` ends it.
    if (push(ClosedInput{std::move(*session)}, 0)) remove(number);
    return Done{};
}

void Mount::run() {
    take_inputs();
    lane_->run();
    open_admitted();
    const Time now = Time::clock::now();
    if (next_tick_ && *next_tick_ <= now) {
        lane_->tick();
        next_tick_ = now + kTick;
    }
    const std::lock_guard lock(sessions_mutex_);
    if (sessions_.empty() && unanswered_ == 0) {
        next_tick_.reset();
    } else if (!next_tick_) {
        next_tick_ = now + kTick;
    }
}

void Mount::take_inputs() {
    std::vector<Input> taken;
    {
        const std::lock_guard lock(input_mutex_);
        taken.swap(inputs_);
        bytes_in_ = 0;
    }
    for (Input& input : taken) std::visit([this](auto& each) { perform(each); }, input);
}

void Mount::perform(OpenInput& input) {
    ++unanswered_;
    const std::string_view target = input.request.target;
    if (target.substr(0, target.find('?')) != kSocketPath) return refuse_upgrade(input);
    gateway_.admit(*lane_, input.request, [this, ticket = std::move(input.ticket)](UpgradeOutcome outcome) {
        --unanswered_;
        if (outcome.admission) {
            admitted_.emplace_back(std::move(outcome.admission), ticket);
        } else {
            outputs_.push(ReadyOutput{
                response_item(CARIOSAN_ITEM_REFUSED, ticket->number(), std::move(outcome.refusal)), ticket});
        }
    });
}

/// Any other path is answered as without the upgrade.
void Mount::refuse_upgrade(OpenInput& input) {
    auto answer = [this, ticket = std::move(input.ticket)](HttpResponse response) {
        --unanswered_;
        outputs_.push(ReadyOutput{response_item(CARIOSAN_ITEM_REFUSED, ticket->number(), std::move(response)), ticket});
    };
    gateway_.handle(*lane_, std::move(input.request),
                    [this, answer](HttpResponse response) { respond_to(std::move(response), answer); });
}

/// Opens sessions after the gateway's call has returned, because `Lane::run` must not be in progress.
void Mount::open_admitted() {
    for (auto& [admission, ticket] : std::exchange(admitted_, {})) {
        MountedConnectionRef session;
        {
            const std::lock_guard lock(sessions_mutex_);
            session = std::make_shared<MountedConnection>(++last_session_, outputs_);
            sessions_.emplace(session->number(), session);
        }
        outputs_.push(ReadyOutput{
            admitted_item(ticket->number(), session->number(), admission->subprotocol()), ticket});
        session->session = gateway_.open_session(*lane_, std::move(admission), *session);
    }
}

void Mount::perform(TextInput& input) {
    MountedConnection& session = *input.session;
    --session.texts_in;
    session.bytes_in -= input.text.size();
    if (session.session && !session.closing()) session.session->receive(input.text);
}

void Mount::perform(CloseInput& input) { input.session->close(input.code, input.reason); }

void Mount::perform(AliveInput& input) {
    input.session->alive_waits = false;
    if (input.session->session) input.session->session->alive();
}

void Mount::perform(WritableInput& input) {
    input.session->writable_waits = false;
    if (input.session->session && !input.session->closing()) input.session->session->writable();
}

void Mount::perform(ClosedInput& input) { end(*input.session); }

void Mount::end(MountedConnection& session) {
    if (!session.session) return;
    session.session->closed();
    session.session.reset();
}

void Mount::handed_out(const MountedConnectionRef& session, std::size_t bytes) {
    if (session->handed_out(bytes)) (void)push_writable(session);
}

void Mount::ended(const MountedConnectionRef& session) {
    remove(session->number());
    end(*session);
}

void Mount::finish() {
    take_inputs();
    lane_->stop_waiting();
    const Error closing(ErrorCode::unavailable, "the server is going away");
    // A request may take several steps, but the closed engine answers each of them at once.
    constexpr int kSteps = 16;
    for (int step = 0; step < kSteps && unanswered_ > 0; ++step) lane_->run();
    refuse_incomplete(closing);
    for (auto& [admission, ticket] : std::exchange(admitted_, {})) {
        outputs_.push(ReadyOutput{
            response_item(CARIOSAN_ITEM_REFUSED, ticket->number(), gateway_.refuse(closing)), ticket});
    }
    std::unordered_map<std::uint64_t, MountedConnectionRef> sessions;
    {
        const std::lock_guard lock(sessions_mutex_);
        sessions.swap(sessions_);
    }
    for (const auto& [number, session] : sessions) {
        session->close(kGoingAway, "the server is going away");
        end(*session);
    }
    next_tick_.reset();
}

}  // namespace cariosan::capi
