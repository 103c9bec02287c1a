/// A Redis of its own for a test, in a temporary folder, reached over a Unix socket. Valkey works too: CARIOSAN_TEST_REDIS_SERVER names
/// the program to start.
#pragma once

#include <hiredis/hiredis.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/temporary_folder.hpp"

namespace cariosan::test {

class PrivateRedis {
  public:
    static std::string program() {
        const char* named = std::getenv("CARIOSAN_TEST_REDIS_SERVER");
        return named != nullptr && *named != '\0' ? named : "redis-server";
    }
    /// Whether there is a server to start.
    static bool is_installed() {
        static const bool found = std::system(("command -v " + program() + " >/dev/null 2>&1").c_str()) == 0;
        return found;
    }

    explicit PrivateRedis(std::vector<std::string> options = {}) : options_(std::move(options)) { start(); }
    ~PrivateRedis() { kill(); }
    PrivateRedis(const PrivateRedis&) = delete;
    PrivateRedis& operator=(const PrivateRedis&) = delete;

    std::string socket() const { return folder_ / "redis.sock"; }
    std::string url() const { return "unix:" + socket(); }

    /// Starts it, empty, and waits until it answers.
    void start() {
        std::vector<std::string> words{program(), "--port", "0", "--unixsocket", socket(), "--save", "", "--dir", folder_ / ""};
        words.insert(words.end(), options_.begin(), options_.end());
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            const int nowhere = ::open("/dev/null", O_RDWR);
            for (const int descriptor : {0, 1, 2}) ::dup2(nowhere, descriptor);
            ::execvp(arguments[0], arguments.data());
            ::_exit(127);
        }
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!answers()) {
            if (std::chrono::steady_clock::now() > end) throw std::runtime_error(program() + " does not start");
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
    /// Ends it at once. What it held is gone.
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = -1;
    }
    void pause() const { ::kill(process_, SIGSTOP); }
    void resume() const { ::kill(process_, SIGCONT); }

    /// The answer to a command as text; throws what the server says.
    std::string run(const std::vector<std::string>& words) const {
        const std::unique_ptr<redisContext, void (*)(redisContext*)> context(redisConnectUnix(socket().c_str()), redisFree);
        if (!context || context->err != 0) throw std::runtime_error("no connection to Redis");
        std::vector<const char*> texts;
        std::vector<std::size_t> sizes;
        for (const std::string& word : words) {
            texts.push_back(word.data());
            sizes.push_back(word.size());
        }
        const std::unique_ptr<redisReply, void (*)(redisReply*)> reply(
            static_cast<redisReply*>(redisCommandArgv(context.get(), static_cast<int>(words.size()), texts.data(), sizes.data())),
            [](redisReply* each) { freeReplyObject(each); });
        if (!reply) throw std::runtime_error(context->errstr);
        const std::string text = reply->str != nullptr ? std::string(reply->str, reply->len) : std::to_string(reply->integer);
        if (reply->type == REDIS_REPLY_ERROR) throw std::runtime_error(text);
        return text;
    }

  private:
    /// Also if it wants a password first.
    bool answers() const {
        try {
            run({"PING"});
            return true;
        } catch (const std::exception& error) {
            return std::string(error.what()).starts_with("NOAUTH");
        }
    }

    const TemporaryFolder folder_;
    const std::vector<std::string> options_;
    pid_t process_ = -1;
};

}  // namespace cariosan::test
