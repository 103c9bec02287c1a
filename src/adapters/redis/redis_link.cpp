#include "adapters/redis/redis_link.hpp"

#include <hiredis/sds.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/redis/redis_command.hpp"

namespace cariosan::redis {

using std::chrono::milliseconds;

WakeUp::WakeUp() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::bad_alloc();
}

WakeUp::~WakeUp() { ::close(descriptor_); }

void WakeUp::ring() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void WakeUp::clear() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto taken = ::read(descriptor_, &count, sizeof count);
}

void Link::start() { thread_ = std::thread([this] { work(); }); }

void Link::stop(milliseconds patience) {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        end_ = std::chrono::steady_clock::now() + patience;
        changed_.notify_all();
    }
    wake_.ring();
    if (thread_.joinable()) thread_.join();
}

bool Link::send(std::string_view commands) {
    const std::lock_guard lock(mutex_);
    if (!is_up_) return false;
    // If nothing waits, what the system takes at once needs no other thread.
    if (unsent_ == 0) {
        const ssize_t sent = ::send(socket_, commands.data(), commands.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) commands.remove_prefix(static_cast<std::size_t>(sent));
        if (commands.empty()) return true;
    }
    // If something waits already, the thread was woken for that.
    if (pending_.empty()) wake_.ring();
    pending_ += commands;
    unsent_ += commands.size();
    return true;
}

void Link::restart(std::string cause) {
    const std::lock_guard lock(mutex_);
    if (!is_up_ || restart_) return;
    restart_ = true;
    restart_cause_ = std::move(cause);
    wake_.ring();
}

void Link::work() {
    // hiredis writes without MSG_NOSIGNAL: a broken connection must not end the host's process.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    while (!is_ending()) {
        if (const Context context = connect(); context && sign_in(*context)) serve(*context);
        user_.disconnected();
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return;
        }
        report_away();
        pause();
    }
}

Context Link::connect() {
    const Address& address = settings_.address;
    Context context(address.socket.empty() ? redisConnectNonBlock(address.host.c_str(), address.port)
                                           : redisConnectUnixNonBlock(address.socket.c_str()));
    if (!context) throw std::bad_alloc();
    if (context->err != 0) {
        fail(context->errstr);
        return nullptr;
    }
    const Time until = std::chrono::steady_clock::now() + kConnectPatience;
    while (!is_ending()) {
        if (wait(*context, POLLOUT, until) != 0) {
            int error = 0;
            socklen_t size = sizeof error;
            ::getsockopt(context->fd, SOL_SOCKET, SO_ERROR, &error, &size);
            if (error == 0) return context;
            fail(std::generic_category().message(error));
            return nullptr;
        }
        if (std::chrono::steady_clock::now() >= until) break;
    }
    fail("the connection was not accepted within a second");
    return nullptr;
}

/// Signs in and asks for a sign of life. Of the answers, only that to CLIENT SETNAME may be an error: a rule may forbid it.
bool Link::sign_in(redisContext& context) {
    const Address& address = settings_.address;
    std::string commands;
    std::vector<bool> must_succeed;
    const auto add = [&](const CommandText& command, bool needed) {
        command.append_to(commands);
        must_succeed.push_back(needed);
    };
    if (!address.user.empty()) {
        add({"AUTH", address.user, address.password}, true);
    } else if (!address.password.empty()) {
        add({"AUTH", address.password}, true);
    }
    if (address.database != 0) add({"SELECT", std::to_string(address.database)}, true);
    add({"CLIENT", "SETNAME", settings_.use}, false);
    add({"PING"}, true);
    redisAppendFormattedCommand(&context, commands.data(), commands.size());
    is_written_ = false;

    std::size_t answered = 0;
    std::string refusal;
    const Time until = std::chrono::steady_clock::now() + kConnectPatience;
    while (answered < must_succeed.size()) {
        if (is_ending()) return false;
        if (std::chrono::steady_clock::now() >= until) return fail("no answer to signing in within a second");
        if (!is_written_ && !write(context)) return false;
        const short events = wait(context, static_cast<short>(POLLIN | (is_written_ ? 0 : POLLOUT)), until);
        if ((events & ~POLLOUT) == 0) continue;
        const bool is_read = read(context, [&](const Reply& reply) {
            const bool needed = answered < must_succeed.size() && must_succeed[answered];
            ++answered;
            if (needed && reply->type == REDIS_REPLY_ERROR && refusal.empty()) refusal.assign(reply->str, reply->len);
        });
        if (!refusal.empty()) return fail("refused: " + refusal);
        if (!is_read) return false;
    }
    return true;
}

void Link::serve(redisContext& context) {
    began_ = last_received_ = std::chrono::steady_clock::now();
    asked_ = false;
    {
        const std::lock_guard lock(mutex_);
        restart_ = false;
        socket_ = context.fd;
        is_up_ = true;
    }
    user_.connected();
    while (!is_ending() && exchange(context)) {
    }
    {
        const std::lock_guard lock(mutex_);
        is_up_ = false;
        pending_.clear();
        unsent_ = 0;
    }
    if (std::chrono::steady_clock::now() - began_ > kLongestPause) pause_ = kFirstPause;
}

/// One turn: writes what waits, waits for something to happen, reads what has come.
bool Link::exchange(redisContext& context) {
    if (is_written_) {
        const std::lock_guard lock(mutex_);
        if (restart_) return fail(std::move(restart_cause_));
        if (!pending_.empty()) {
            redisAppendFormattedCommand(&context, pending_.data(), pending_.size());
            pending_.clear();
            is_written_ = false;
        }
    }
    if (!is_written_ && !write(context)) return false;
    const short events = wait(context, static_cast<short>(POLLIN | (is_written_ ? 0 : POLLOUT)), next_time());
    if ((events & ~POLLOUT) != 0) {
        const bool is_read = read(context, [this](Reply reply) { user_.received(std::move(reply)); });
        user_.received_all();
        if (!is_read) return false;
    }
    return check_silence();
}

bool Link::write(redisContext& context) {
    int done = 0;
    if (redisBufferWrite(&context, &done) != REDIS_OK) return fail(context.errstr);
    is_written_ = done != 0;
    const std::lock_guard lock(mutex_);
    unsent_ = pending_.size() + sdslen(context.obuf);
    return true;
}

template <class Each>
bool Link::read(redisContext& context, Each each) {
    if (redisBufferRead(&context) != REDIS_OK) return fail(context.errstr);
    last_received_ = std::chrono::steady_clock::now();
    asked_ = false;
    for (;;) {
        void* reply = nullptr;
        if (redisGetReplyFromReader(&context, &reply) != REDIS_OK) return fail(context.errstr);
        if (reply == nullptr) return true;
        each(Reply(static_cast<redisReply*>(reply)));
    }
}

bool Link::check_silence() {
    report_back();
    const auto silent = std::chrono::steady_clock::now() - last_received_;
    if (silent >= kSilent) return fail("no answer for three seconds");
    if (silent >= kQuiet && !std::exchange(asked_, true)) user_.quiet();
    return true;
}

bool Link::is_ending() {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) return false;
        if (std::chrono::steady_clock::now() >= end_) return true;
    }
    return user_.is_settled() && unsent_ == 0;
}

Link::Time Link::next_time() {
    const Time next = last_received_ + (asked_ ? kSilent : kQuiet);
    const std::lock_guard lock(mutex_);
    return stopping_ ? std::min(next, end_) : next;
}

short Link::wait(redisContext& context, short events, Time until) const {
    const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now()).count();
    std::array<pollfd, 2> both{{{context.fd, events, 0}, {wake_.descriptor(), POLLIN, 0}}};
    if (::poll(both.data(), both.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000))) < 0) return 0;
    if (both[1].revents != 0) wake_.clear();
    return both[0].revents;
}

void Link::pause() {
    // Between a half and the whole, so that nodes do not come back all at once.
    const milliseconds chosen(pause_.count() / 2 + static_cast<int>(random_() % static_cast<unsigned>(pause_.count() / 2 + 1)));
    pause_ = std::min(2 * pause_, kLongestPause);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, chosen, [this] { return stopping_; });
}

bool Link::fail(std::string cause) {
    cause_ = std::move(cause);
    return false;
}

void Link::report_away() {
    // An attempt that waits for a silent server is no news after the silence itself.
    if (cause_ == reported_ || (!reported_.empty() && !cause_.starts_with("refused"))) return;
    reported_ = cause_;
    if (settings_.log) settings_.log({LogLevel::warning, "redis.away", {{"connection", settings_.use}, {"cause", cause_}}});
}

void Link::report_back() {
    // One that is refused again and again is not back.
    if (reported_.empty() || std::chrono::steady_clock::now() - began_ < kQuiet) return;
    reported_.clear();
    if (settings_.log) settings_.log({LogLevel::info, "redis.back", {{"connection", settings_.use}}});
}

}  // namespace cariosan::redis
