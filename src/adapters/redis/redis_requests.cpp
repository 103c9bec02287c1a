#include "adapters/redis/redis_requests.hpp"

#include <algorithm>
#include <utility>

namespace cariosan::redis {

Requests::Requests(LinkSettings settings, std::span<const std::string> scripts, std::chrono::milliseconds patience)
    : scripts_(scripts), patience_(patience), log_(settings.log), names_(scripts.size()), link_(std::move(settings), *this) {
    link_.start();
}

/// Only waits for the very first connection: later, one that is away is not waited for.
bool Requests::wait_until_ready(std::unique_lock<std::mutex>& lock, Link::Time until) {
    began_.wait_until(lock, until, [this] { return is_ready_ || has_failed_; });
    return is_ready_ && !is_late_;
}

std::vector<Reply> Requests::ask(std::span<const ScriptCall> calls) {
    const auto asked = std::make_shared<Asked>();
    asked->replies.resize(calls.size());
    const Link::Time until = std::chrono::steady_clock::now() + patience_;
    std::unique_lock lock(mutex_);
    if (!wait_until_ready(lock, until) || expected_.size() + calls.size() > kMostUnanswered) return std::move(asked->replies);
    std::string commands;
    for (const ScriptCall& call : calls) {
        CommandText command{"EVALSHA", names_[call.script], std::to_string(call.keys.size())};
        for (const std::string& key : call.keys) command.add(key);
        for (const std::string& argument : call.arguments) command.add(argument);
        command.append_to(commands);
    }
    if (!link_.send(commands)) return std::move(asked->replies);
    asked->open = calls.size();
    for (std::size_t i = 0; i < calls.size(); ++i) expected_.push_back({asked, i, false});
    if (!asked->answered.wait_until(lock, until, [&] { return asked->open == 0; })) {
        // If answers keep coming, there are only many of them.
        is_late_ = std::chrono::steady_clock::now() - last_reply_ >= patience_;
    }
    return std::exchange(asked->replies, std::vector<Reply>(calls.size()));
}

/// Expects one answer for each script. With the lock.
void Requests::load_scripts() {
    std::string commands;
    for (const std::string& script : scripts_) CommandText{"SCRIPT", "LOAD", script}.append_to(commands);
    if (!link_.send(commands)) return;
    for (std::size_t i = 0; i < scripts_.size(); ++i) expected_.push_back({nullptr, i, true});
}

void Requests::connected() {
    const std::lock_guard lock(mutex_);
    load_scripts();
}

void Requests::take_name(std::size_t script, const redisReply& reply) {
    if (is_error(reply) || reply.str == nullptr) return link_.restart(refusal_);
    names_[script].assign(reply.str, reply.len);
    if (script + 1 < scripts_.size()) return;
    is_ready_ = true;
    began_.notify_all();
}

bool Requests::is_error(const redisReply& reply) {
    if (reply.type != REDIS_REPLY_ERROR) {
        is_refused_ = false;
        return false;
    }
    refuse("refused: " + std::string(reply.str, reply.len));
    return true;
}

void Requests::refuse(std::string cause) {
    const bool is_news = !is_refused_.exchange(true) && cause != refusal_;
    refusal_ = std::move(cause);
    if (is_news && log_) log_({LogLevel::warning, "redis.refused", {{"cause", refusal_}}});
}

void Requests::received(Reply reply) {
    const std::lock_guard lock(mutex_);
    if (expected_.empty()) return;
    const Expected expected = std::move(expected_.front());
    expected_.pop_front();
    last_reply_ = std::chrono::steady_clock::now();
    is_late_ = false;
    if (expected.loads) return take_name(expected.place, *reply);
    if (!expected.asked) return;
    const std::string_view error = reply->type == REDIS_REPLY_ERROR ? std::string_view(reply->str, reply->len) : "";
    // Somebody has removed the scripts; this call counts as one without an answer.
    if (error.starts_with("NOSCRIPT")) {
        if (is_ready_.exchange(false)) load_scripts();
    } else if (error.starts_with("READONLY")) {
        // A replica took the place of the primary: the address may lead to the new one.
        link_.restart("refused: " + std::string(error));
    } else if (!is_error(*reply)) {
        expected.asked->replies[expected.place] = std::move(reply);
    }
    if (--expected.asked->open == 0) expected.asked->answered.notify_all();
}

void Requests::quiet() {
    const std::lock_guard lock(mutex_);
    std::string ping;
    CommandText{"PING"}.append_to(ping);
    if (link_.send(ping)) expected_.push_back({});
}

void Requests::disconnected() {
    const std::lock_guard lock(mutex_);
    is_ready_ = false;
    is_late_ = false;
    has_failed_ = true;
    for (const Expected& expected : std::exchange(expected_, {})) {
        if (expected.asked && --expected.asked->open == 0) expected.asked->answered.notify_all();
    }
    began_.notify_all();
}

}  // namespace cariosan::redis
