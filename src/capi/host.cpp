#include "capi/host.hpp"

#include <array>
#include <cariosan/adapters/openssl.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "capi/caller_json.hpp"
#include "capi/parts/adapters.hpp"
#include "capi/parts/host_parts.hpp"
#include "core/propagate.hpp"

namespace cariosan::capi {
namespace {

constexpr std::chrono::seconds kLastDeadline{10};
/// The most callbacks of the engine to run before handing out the first item they produced.
constexpr std::size_t kCallbacks = 64;

Error too_large(ErrorCode code, std::string_view what, std::int64_t limit, std::string_view unit) {
    return Error(code, std::string(what) + ": at most " + std::to_string(limit) + " " + std::string(unit)).with("limit", limit);
}

Error closing() { return {ErrorCode::unavailable, "the engine is closed"}; }

/// A random key: tokens signed with it become invalid when the engine ends.
std::string random_secret(Crypto& crypto) {
    std::array<std::uint8_t, 32> bytes{};
    crypto.random(bytes);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

Host::Host(std::size_t max_tickets, HostTables tables)
    : tables_(std::move(tables)), outputs_(max_tickets, [this] { wake_->signal(); }) {}

Result<std::unique_ptr<Host>> Host::open(Options options, HostTables tables) {
    CARIOSAN_TRY_DONE(check_options(tables, options));
    std::unique_ptr<Host> host(new Host(options.max_tickets, std::move(tables)));
    CARIOSAN_TRY_DONE(host->start(std::move(options)));
    host->opened_ = true;
    return host;
}

Result<Done> Host::start(Options options) {
    limits_ = options.engine.limits;
    CARIOSAN_TRY(wake_, WakeDescriptor::open());

    options.engine.crypto = openssl_crypto();
    options.engine.callbacks_by_poll = true;
    options.engine.wake = [this] { wake_->signal(); };
    options.engine.log_level = options.log.value_or(LogLevel::info);
    if (options.log) options.engine.log = [this](const LogRecord& record) { outputs_.log(record); };
    add_tables(tables_, questions_, options);
    CARIOSAN_TRY_DONE(add_adapters(options));
    if (options.gateway.jwt_secret.empty())
        options.gateway.jwt_secret = random_secret(*options.engine.crypto);

    CARIOSAN_TRY(engine_, Engine::open(std::move(options.engine)));
    CARIOSAN_TRY(gateway_, Gateway::create(*engine_, std::move(options.gateway)));
    CARIOSAN_TRY(mount_, Mount::create(*gateway_, outputs_, limits_, [this] { wake_->signal(); }));
    return Done{};
}

Host::~Host() {
    if (mount_) (void)close(kLastDeadline);
    // A subscription must not outlive the engine.
    subscriptions_.clear();
    mount_.reset();
    gateway_.reset();
    engine_.reset();
    questions_->abandon_all();
    if (opened_) tables_.release();
}

bool Host::in_its_process() const noexcept { return process_.is_mine(); }

Result<Done> Host::close(std::chrono::milliseconds deadline) {
    if (!turn_.begin_close([this] { wake_->signal(); })) return Done{};
    mount_->refuse();
    mount_->run();  // input accepted before closing is still processed
    imports_.cancel();
    auto done = engine_->close(deadline);
    imports_.finish();  // the engine has answered them
    mount_->finish();
    turn_.end_close();
    wake_->signal();
    return done;
}

std::optional<Error> Host::refuse_new() const {
    if (turn_.refusing()) return closing();
    return std::nullopt;
}

Result<Caller> Host::admit_call(std::string_view caller, std::string_view json) const {
    if (auto refused = refuse_new()) return std::move(*refused);
    if (std::cmp_greater(json.size(), limits_.request_body_bytes)) {
        return too_large(ErrorCode::payload_too_large, "the JSON of a command is too large", limits_.request_body_bytes, "bytes");
    }
    return parse_caller(caller);
}

Result<Done> Host::call(std::string_view caller, std::string_view name, std::string_view json,
                        std::uint64_t number) {
    CARIOSAN_TRY(const Caller admitted, admit_call(caller, json));
    CARIOSAN_TRY(TicketRef ticket, outputs_.take_ticket(number));
    gateway_->call(admitted, name, json, [this, ticket = std::move(ticket)](Result<std::string> result) {
        outputs_.push(ReadyOutput{result_item(ticket->number(), std::move(result)), ticket});
    });
    return Done{};
}

Result<std::string> Host::call_wait(std::string_view caller, std::string_view name, std::string_view json) {
    CARIOSAN_TRY(const Caller admitted, admit_call(caller, json));
    return gateway_->run(admitted, name, json);
}

Result<std::uint64_t> Host::subscribe(std::string_view workspace) {
    if (auto refused = refuse_new()) return std::move(*refused);
    CARIOSAN_TRY(const WorkspaceId id, parse_workspace(workspace));
    auto handle = std::make_shared<SubscriptionHandle>();
    const std::lock_guard lock(subscriptions_mutex_);
    handle->number = last_subscription_ + 1;
    CARIOSAN_TRY(auto subscription, engine_->subscribe(id, [this, handle](const EventRef& event) {
        outputs_.push(EventOutput{handle, event});
    }));
    subscriptions_.emplace(handle->number, OpenSubscription{handle, std::move(subscription)});
    return last_subscription_ = handle->number;
}

Result<Done> Host::unsubscribe(std::uint64_t number) {
    // Destroyed after the lock is released, because that waits for a running callback.
    std::optional<OpenSubscription> ending;
    const std::lock_guard lock(subscriptions_mutex_);
    auto node = subscriptions_.extract(number);
    if (!node) return not_found("subscription");
    node.mapped().handle->ended = true;
    ending.emplace(std::move(node.mapped()));
    return Done{};
}

Result<ItemPtr> Host::poll(std::optional<std::chrono::milliseconds> timeout) {
    std::optional<PollTurn::Time> until;
    if (timeout) until = PollTurn::Time::clock::now() + *timeout;
    CARIOSAN_TRY(const PollTurn::Entry entry, turn_.enter(until));
    if (entry == PollTurn::Entry::timed_out) return ItemPtr();
    struct Leave {
        Host& host;
        ~Leave() {
            host.wake_->set_deadline(host.mount_->next_deadline());
            if (host.more_callbacks_ || !host.outputs_.empty() || host.turn_.closed()) host.wake_->signal();
            host.turn_.leave();
        }
    } leave{*this};
    return poll_until(until);
}

Result<ItemPtr> Host::poll_until(std::optional<PollTurn::Time> until) {
    for (;;) {
        // Before checking for work, so that later work makes it readable again.
        wake_->reset();
        const auto deadline = mount_->next_deadline();
        if (deadline && *deadline <= PollTurn::Time::clock::now()) mount_->run();
        if (ItemPtr item = next_item()) return item;
        if (turn_.closing()) return ItemPtr();
        mount_->run();
        CARIOSAN_TRY(const std::size_t ran, engine_->poll(kCallbacks));
        more_callbacks_ = ran == kCallbacks;
        if (ItemPtr item = next_item()) return item;
        if (more_callbacks_) continue;
        if (turn_.closed()) return closing();
        if (until && *until <= PollTurn::Time::clock::now()) return ItemPtr();
        wake_->set_deadline(mount_->next_deadline());
        wake_->wait(until);
    }
}

ItemPtr Host::next_item() {
    while (auto output = outputs_.pop()) {
        if (ItemPtr item = std::visit([this](auto& each) { return item_of(each); }, *output)) return item;
    }
    return nullptr;
}

ItemPtr Host::item_of(ReadyOutput& output) {
    if (output.polled) output.polled();
    return std::move(output.item);
}

ItemPtr Host::item_of(EventOutput& output) {
    if (output.subscription->ended) return nullptr;
    std::string frame = gateway_->encode(*output.event);
    if (frame.empty()) return nullptr;
    return data_item(CARIOSAN_ITEM_EVENT, output.subscription->number, std::move(frame));
}

ItemPtr Host::item_of(TextOutput& output) {
    mount_->handed_out(output.session, output.payload.size());
    if (output.session->forgotten()) return nullptr;
    return data_item(CARIOSAN_ITEM_TEXT, output.session->number(), std::string(output.payload));
}

ItemPtr Host::item_of(PingOutput& output) {
    if (output.session->forgotten()) return nullptr;
    return data_item(CARIOSAN_ITEM_PING, output.session->number(), {});
}

ItemPtr Host::item_of(CloseOutput& output) {
    mount_->ended(output.session);
    if (output.session->forgotten()) return nullptr;
    return close_item(output.session->number(), output.code, std::move(output.reason));
}

ItemPtr Host::item_of(LogOutput& output) { return log_item(std::move(output.line)); }

std::optional<Error> Host::over_limit(std::size_t head_bytes, std::size_t head_fields,
                                      std::size_t body_bytes) const {
    if (std::cmp_greater(head_bytes, limits_.request_head_bytes)) {
        return too_large(ErrorCode::headers_too_large, "the head of the request is too large", limits_.request_head_bytes, "bytes");
    }
    if (std::cmp_greater(head_fields, limits_.request_head_fields)) {
        return too_large(ErrorCode::headers_too_large, "the request has too many header fields", limits_.request_head_fields,
                         "fields");
    }
    if (std::cmp_greater(body_bytes, limits_.request_body_bytes)) {
        return body_too_large(limits_);
    }
    return std::nullopt;
}

Result<Done> Host::http(HttpRequest request, std::uint64_t number) {
    CARIOSAN_TRY(TicketRef ticket, outputs_.take_ticket(number));
    return mount_->http(std::move(request), std::move(ticket));
}

Result<Done> Host::begin(HttpRequest head, std::uint64_t number) {
    CARIOSAN_TRY(TicketRef ticket, outputs_.take_ticket(number));
    return mount_->begin(std::move(head), std::move(ticket));
}

Result<Done> Host::open_session(HttpRequest request, std::uint64_t number) {
    CARIOSAN_TRY(TicketRef ticket, outputs_.take_ticket(number));
    return mount_->open_session(std::move(request), std::move(ticket));
}

Result<Done> Host::refuse(std::int32_t kind, const Error& error, std::uint64_t number) {
    if (auto refused = refuse_new()) return std::move(*refused);
    CARIOSAN_TRY(TicketRef ticket, outputs_.take_ticket(number));
    outputs_.push(ReadyOutput{response_item(kind, number, gateway_->refuse(error)), std::move(ticket)});
    return Done{};
}

Result<std::uint64_t> Host::open_export(std::string_view workspace, const char* user) {
    if (auto refused = refuse_new()) return std::move(*refused);
    CARIOSAN_TRY(const WorkspaceId id, parse_workspace(workspace));
    return exports_.add(user == nullptr ? export_workspace(*gateway_, id) : export_user(*gateway_, id, user));
}

Result<std::uint64_t> Host::open_import(std::string_view options) {
    if (auto refused = refuse_new()) return std::move(*refused);
    return imports_.open(options);
}

Result<Done> Host::run_import(std::uint64_t import, std::uint64_t number) {
    if (auto refused = refuse_new()) return std::move(*refused);
    CARIOSAN_TRY(TicketRef ticket, outputs_.take_ticket(number));
    return imports_.run(import, *engine_, std::move(ticket));
}

Result<std::string> Host::metrics() const {
    if (auto refused = refuse_new()) return std::move(*refused);
    return gateway_->metrics();
}

Result<Done> Host::drain(std::chrono::milliseconds reconnect_after) {
    if (auto refused = refuse_new()) return std::move(*refused);
    gateway_->drain(reconnect_after);
    return Done{};
}

}  // namespace cariosan::capi
