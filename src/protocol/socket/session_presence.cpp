// `presence.subscribe` and `presence.unsubscribe`: the users that one connection follows.
#include <algorithm>
#include <boost/json/object.hpp>
#include <iterator>
#include <utility>

#include "core/propagate.hpp"
#include "protocol/json/json_objects.hpp"
#include "protocol/socket/client_session.hpp"

namespace cariosan::protocol {
namespace {

Result<std::vector<std::string>> read_users(const boost::json::object* data) {
    const InputValue value = Input(data, {}).find("users");
    if (value.absent()) return detail::missing("users");
    std::vector<std::string> users;
    CARIOSAN_TRY_DONE(read_value("users", value, users));
    return users;
}

}  // namespace

/// Users who share no channel with the client are left out, as in `GET /v1/presence`.
void ClientSession::handle_subscribe(const ClientFrame& frame) {
    auto users = read_users(frame.data);
    if (!users) return refuse(frame.request, users.error());
    if (!begin_command(frame.request)) return;
    find_followed(frame.request, GetPresence{.users = std::move(*users), .to_subscribe = true}, {});
}

/// Page by page, since finding the users who share a channel can exceed the cost limit of one read.
void ClientSession::find_followed(const Request& request, GetPresence next, std::vector<UserPresence> found) {
    services_.engine.submit_to(
        lane_.queue(), caller(), next,
        guarded([request, next, found = std::move(found)](ClientSession& self, Result<Outcome> outcome) mutable {
            if (outcome) {
                auto page = std::get<Page<UserPresence>>(std::move(outcome->answer));
                std::ranges::move(page.items, std::back_inserter(found));
                next.cursor = std::move(page.next_cursor);
                if (!next.cursor.empty()) return self.find_followed(request, std::move(next), std::move(found));
            }
            --self.pending_commands_;
            if (!outcome) return self.refuse(request, outcome.error());
            self.follow(request, std::move(found));
        }),
        asker());
}

/// Follows all of the users or, above the limit, none. The answer has their presence; every later change is sent.
void ClientSession::follow(const Request& request, std::vector<UserPresence> users) {
    if (!followed_) followed_ = std::make_unique<std::vector<Followed>>();
    std::vector<Followed> added;
    for (const UserPresence& each : users) {
        if (std::ranges::find(*followed_, each.user_id, &Followed::id) == followed_->end()) {
            added.push_back({each.user_id, each.external_id});
        }
    }
    const auto limit = services_.engine.limits().presence_subscriptions;
    if (std::cmp_greater(followed_->size() + added.size(), limit)) {
        return refuse(request, over_limit("users", limit, "this connection would follow too many", "users"));
    }
    std::ranges::move(added, std::back_inserter(*followed_));
    services_.engine.watch(handle_, std::move(users), lane_.queue(),
                           [weak = weak(), request](const std::vector<UserPresence>& now) {
                               ClientSession* const self = find_open(weak);
                               if (self == nullptr) return;
                               self->answer(request, object_frame("ack", request.id, [&](ObjectWriter& data) {
                                   write_array(data.key("users"), now, append_presence);
                               }));
                           });
}

/// Users that the connection does not follow are ignored.
void ClientSession::handle_unsubscribe(const ClientFrame& frame) {
    const auto users = read_users(frame.data);
    if (!users) return refuse(frame.request, users.error());
    std::vector<UserId> dropped;
    for (const std::string& reference : *users) {
        if (!followed_) break;
        const auto id = UserId::parse(reference);
        const auto found = std::ranges::find_if(*followed_, [&](const Followed& each) {
            return id == each.id || reference == each.external_id;
        });
        if (found == followed_->end()) continue;
        dropped.push_back(found->id);
        followed_->erase(found);
    }
    if (followed_ && followed_->empty()) followed_.reset();
    if (!dropped.empty()) services_.engine.unwatch(handle_, std::move(dropped));
    answer(frame.request, answer_frame("ack", frame.request.id, "{}"));
}

}  // namespace cariosan::protocol
