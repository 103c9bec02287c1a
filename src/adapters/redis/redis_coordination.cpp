#include "adapters/redis/redis_coordination.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace cariosan::redis {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

std::string digits(microseconds time) { return std::to_string(time.count()); }

std::string hexadecimal(std::uint64_t number) {
    std::array<char, 16> text{};
    text.fill('0');
    std::array<char, 16> significant{};
    const auto end = std::to_chars(significant.data(), significant.data() + significant.size(), number, 16).ptr;
    std::copy_backward(significant.data(), end, text.data() + text.size());
    return {text.data(), text.size()};
}

std::uint64_t number_in(const redisReply& reply) {
    std::uint64_t number = 0;
    if (reply.type == REDIS_REPLY_INTEGER) return static_cast<std::uint64_t>(reply.integer);
    if (reply.str != nullptr) std::from_chars(reply.str, reply.str + reply.len, number);
    return number;
}

}  // namespace

RedisCoordination::RedisCoordination(LinkSettings settings, std::string prefix, std::uint64_t node, std::shared_ptr<Clock> clock,
                                     milliseconds patience)
    : prefix_(std::move(prefix)),
      node_(hexadecimal(node)),
      gave_way_(key('n', node_)),
      clock_(std::move(clock)),
      requests_(std::move(settings), scripts_, patience) {}

ScriptCall RedisCoordination::begin(Script script, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), clock_ ? digits(clock_->elapsed()) : std::string());
    return {static_cast<std::size_t>(script), {}, std::move(arguments)};
}

template <class Item>
void RedisCoordination::for_each(std::span<const Item> items, const ScriptCall& first,
                                 const std::function<void(ScriptCall&, const Item&)>& add,
                                 const std::function<void(std::size_t, const redisReply&)>& answered) {
    constexpr std::size_t kPerCall = 200;
    std::vector<ScriptCall> calls;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i % kPerCall == 0) calls.push_back(first);
        add(calls.back(), items[i]);
    }
    const std::vector<Reply> replies = requests_.ask(calls);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Reply& reply = replies[i / kPerCall];
        if (reply && reply->type == REDIS_REPLY_ARRAY && i % kPerCall < reply->elements) {
            answered(i, *reply->element[i % kPerCall]);
        }
    }
}

bool RedisCoordination::connect(const NodeConnection& connection, const ConnectionLimit& limit) {
    ScriptCall call = begin(Script::connect, {node_, std::to_string(connection.id), std::to_string(limit.most),
                                              digits(limit.silent_enough), digits(connection.silent_for), digits(kLease), key('n', "")});
    call.keys.push_back(user_key(connection.user));
    const std::vector<Reply> replies = requests_.ask({&call, 1});
    if (replies[0] && number_in(*replies[0]) == 0) return false;
    const std::lock_guard lock(mutex_);
    ++here_[connection.user];
    return true;
}

void RedisCoordination::disconnect(std::span<const NodeConnection> connections) {
    {
        const std::lock_guard lock(mutex_);
        for (const NodeConnection& connection : connections) {
            const auto user = here_.find(connection.user);
            if (user != here_.end() && user->second > 0) --user->second;
        }
    }
    for_each<NodeConnection>(
        connections, begin(Script::disconnect, {node_, digits(kLease), gave_way_}),
        [this](ScriptCall& call, const NodeConnection& connection) {
            call.keys.push_back(user_key(connection.user));
            call.arguments.push_back(std::to_string(connection.id));
        },
        [](std::size_t, const redisReply&) {});
}

std::vector<std::uint64_t> RedisCoordination::renew(std::span<const NodeConnection> connections) {
    {
        const std::lock_guard lock(mutex_);
        for (auto& [user, places] : here_) places = 0;
        for (const NodeConnection& connection : connections) ++here_[connection.user];
    }
    constexpr std::size_t kPerCall = 200;
    std::vector<ScriptCall> calls;
    for (std::size_t i = 0; i < connections.size(); ++i) {
        if (i % kPerCall == 0) calls.push_back(begin(Script::renew, {node_, digits(kLease), gave_way_}));
        calls.back().keys.push_back(user_key(connections[i].user));
        calls.back().arguments.push_back(std::to_string(connections[i].id));
        calls.back().arguments.push_back(digits(connections[i].silent_for));
    }
    // Last, so that what is renewed above still sees which places were given away.
    calls.push_back(begin(Script::gave_way, {}));
    calls.back().keys.push_back(gave_way_);
    const std::vector<Reply> replies = requests_.ask(calls);
    std::vector<std::uint64_t> gave_way;
    const Reply& reply = replies.back();
    for (std::size_t i = 0; reply && i < reply->elements; ++i) gave_way.push_back(number_in(*reply->element[i]));
    return gave_way;
}

std::vector<Present> RedisCoordination::ask_presence(std::span<const UserId> users, const ScriptCall& first) {
    std::vector<Present> found(users.size(), Present::unknown);
    for_each<UserId>(
        users, first, [this](ScriptCall& call, const UserId& user) { call.keys.push_back(user_key(user)); },
        [&](std::size_t i, const redisReply& reply) { found[i] = number_in(reply) != 0 ? Present::yes : Present::no; });
    return found;
}

std::vector<bool> RedisCoordination::absent(std::span<const UserId> users) {
    {
        const std::lock_guard lock(mutex_);
        for (const UserId& user : users) {
            const auto known = here_.find(user);
            if (known != here_.end() && known->second == 0) here_.erase(known);
        }
    }
    std::vector<bool> elsewhere;
    for (const Present each : ask_presence(users, begin(Script::absent, {node_}))) elsewhere.push_back(each == Present::yes);
    return elsewhere;
}

std::vector<Present> RedisCoordination::present(std::span<const UserId> users) {
    return ask_presence(users, begin(Script::present, {}));
}

std::vector<nanoseconds> RedisCoordination::take(std::span<const TokensTaken> taken) {
    std::vector<nanoseconds> full_in(taken.size());
    for_each<TokensTaken>(
        taken, begin(Script::take, {}),
        [this](ScriptCall& call, const TokensTaken& each) {
            call.keys.push_back(key('b', each.owner.to_string() + ":" + std::to_string(each.kind)));
            call.arguments.push_back(digits(duration_cast<microseconds>(each.tokens * each.interval)));
        },
        [&](std::size_t i, const redisReply& reply) { full_in[i] = microseconds(reply.integer); });
    return full_in;
}

std::vector<std::vector<Marked>> RedisCoordination::mark(std::span<const Mark> marks) {
    std::vector<std::vector<Marked>> others(marks.size());
    for_each<Mark>(
        marks, begin(Script::mark, {node_, std::to_string(kMostMarks)}),
        [this](ScriptCall& call, const Mark& each) {
            call.keys.push_back(key('m', each.what.to_string()));
            call.arguments.push_back(std::to_string(each.which));
            call.arguments.push_back(digits(each.age));
            call.arguments.push_back(digits(each.window));
        },
        [&](std::size_t i, const redisReply& reply) {
            for (std::size_t k = 0; k + 1 < reply.elements; k += 2) {
                const microseconds age(reply.element[k + 1]->integer);
                others[i].push_back({number_in(*reply.element[k]), duration_cast<milliseconds>(age)});
            }
        });
    return others;
}

void RedisCoordination::leave() {
    std::vector<UserId> users;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [user, places] : here_) users.push_back(user);
        here_.clear();
    }
    for_each<UserId>(
        users, begin(Script::leave, {node_}), [this](ScriptCall& call, const UserId& user) { call.keys.push_back(user_key(user)); },
        [](std::size_t, const redisReply&) {});
}

}  // namespace cariosan::redis
