#include "serve.hpp"

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/asio/server.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "admin_command.hpp"
#include "admin_socket.hpp"
#include "attachments.hpp"
#include "demo.hpp"
#include "healthcheck.hpp"
#include "host.hpp"
#include "memory.hpp"
#include "push.hpp"
#include "site.hpp"
#include "variable_names.hpp"

namespace cariosan::server {

namespace {

/// Together these leave one of the ten seconds that stopping may take.
constexpr std::chrono::seconds kConnectionsDeadline{5};
constexpr std::chrono::seconds kEngineDeadline{4};
/// Clients spread their reconnects over this time.
constexpr std::chrono::milliseconds kReconnectAfter{1000};
constexpr std::chrono::seconds kMemoryTurn{2};  ///< how often to look for freed memory

sigset_t signal_set(std::initializer_list<int> numbers) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : numbers) sigaddset(&signals, number);
    return signals;
}

sigset_t stop_signals() { return signal_set({SIGTERM, SIGINT}); }

/// After this, a signal ends the process at once.
void end_on_next_signal() {
    struct sigaction action {};
    action.sa_handler = [](int signal) { ::_exit(128 + signal); };
    for (const int signal : {SIGTERM, SIGINT}) ::sigaction(signal, &action, nullptr);
    const sigset_t signals = stop_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

/// Every connection needs a descriptor, and the usual soft limit is 1,024.
void raise_descriptor_limit(Log& log) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log.write(LogLevel::warning, "server.descriptor_limit_not_raised");
}

/// The parts of a running server, destroyed in reverse order of construction.
class Running {
  public:
    Running(Configuration configuration, Log& log) : configuration_(std::move(configuration)), log_(log) {}

    Result<Done> start(std::optional<DemoLanguage> demo) {
        crypto_ = openssl_crypto();
        if (!crypto_) return Error(ErrorCode::internal, "OpenSSL cannot be used");
        site_ = std::make_unique<Site>(*crypto_, configuration_, demo.has_value());
        auto host = open_host(configuration_, {.makes_database = true, .signs_tokens = true, .makes_push_key = demo.has_value(), .delivers = true}, log_, fallback());
        if (!host) return describe(host.error());
        host_ = *std::move(host);
        if (demo) {
            if (auto shown = show_demo(*demo); !shown) return shown;
        }
        if (configuration_.database.has_admin_socket()) {
            auto admin = AdminSocket::start(configuration_.database.admin_socket_path(), host_, configuration_, log_);
            if (!admin) return admin.error();
            admin_ = *std::move(admin);
        }
        ServerOptions options = configuration_.server_options();
        options.log = log_.sink();
        auto server = Server::start(*host_.gateway, std::move(options));
        if (!server) return server.error();
        server_ = *std::move(server);
        // Where it listens on any free port, only now is it known which.
        if (host_.attachments.folder && configuration_.attachments_url.empty() && configuration_.http_port == 0) {
            return host_.attachments.folder->set_public_url(url());
        }
        return Done{};
    }

    void stop() {
        if (admin_) admin_->cancel();
        if (server_) {
            host_.gateway->drain(kReconnectAfter);
            server_->stop(kConnectionsDeadline);
            server_.reset();
        }
        // The engine answers what admin commands are still waiting for; they can only end after that.
        if (host_.engine) {
            const auto closed = host_.engine->close(kEngineDeadline);
            if (!closed)
                log_.write(LogLevel::error, "engine.close_failed", {{"reason", closed.error().message}});
        }
        admin_.reset();
        host_.gateway.reset();
        host_.engine.reset();
    }

    std::uint16_t port() const { return server_->port(); }
    /// Where a client on this machine reaches the server.
    std::string url() const { return base_url(configuration_, port()); }

    /// On SIGHUP.
    void hang_up() {
        if (configuration_.tls_certificate_file.empty()) return log_.write(LogLevel::info, "server.hangup_ignored");
        if (const auto loaded = server_->reload_tls(); !loaded) {
            return log_.write(LogLevel::error, "server.tls_not_reloaded",
                              {{"reason", loaded.error().message}, {"consequence", "the previous certificate stays in use"}});
        }
        log_.write(LogLevel::info, "server.tls_reloaded", {{"certificate", configuration_.tls_certificate_file}});
    }

  private:
    Error describe(Error error) const {
        if (error.code == ErrorCode::conflict) {
            error.message =
                "the database " + configuration_.database.name() +
                " is in use by another process; a SQLite file belongs to one process, several servers "
                "together need PostgreSQL";
        }
        return error;
    }

    Fallback fallback() {
        return [this](const HttpRequest& request) { return site_->answer(request); };
    }

    Result<Done> show_demo(DemoLanguage language) {
        AttachmentStore* const store = host_.attachments.store.get();
        if (store != nullptr) site_->allow_attachments(origins_of(*store), configuration_);
        auto push_key = push_public_key(configuration_, *crypto_);
        if (!push_key) return push_key.error();
        site_->allow_push(*std::move(push_key));
        auto demo = prepare_demo(*host_.engine, language, configuration_.database.in_memory() ? "" : configuration_.database.demo_key_path());
        if (!demo) return demo.error();
        if (*demo) {
            site_->show(**std::move(demo), *host_.gateway);
        } else {
            log_.write(LogLevel::warning, "demo.left_out", {{"reason", "the database has other workspaces"}});
        }
        return Done{};
    }

    Configuration configuration_;
    Log& log_;
    std::shared_ptr<Crypto> crypto_;
    std::unique_ptr<Site> site_;
    Host host_;
    std::unique_ptr<AdminSocket> admin_;
    std::unique_ptr<Server> server_;
};

/// Waits for the signal that ends the server; this thread has nothing else to do. SIGHUP, sent when a terminal closes, logs are
/// rotated or a certificate was renewed, never ends it.
int wait_for_stop(FreedMemory& memory, Running& running) {
    const sigset_t signals = signal_set({SIGTERM, SIGINT, SIGHUP});
    const timespec turn{.tv_sec = kMemoryTurn.count(), .tv_nsec = 0};
    while (true) {
        const int signal = ::sigtimedwait(&signals, nullptr, &turn);
        if (signal == SIGHUP) {
            running.hang_up();
        } else if (signal > 0) {
            return signal;
        }
        memory.give_back();
    }
}

}  // namespace

void block_signals() {
    const sigset_t signals = signal_set({SIGTERM, SIGINT, SIGHUP});
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int serve(Configuration configuration, std::optional<DemoLanguage> demo) {
    FreedMemory memory;
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, nullptr);
    Log log(configuration.log_level, log_format_for(STDERR_FILENO), STDERR_FILENO);
    for (const UnknownVariable& unknown : unknown_variables(process_variable_names())) {
        log.write(LogLevel::warning, "configuration.unknown_variable",
                  {{"variable", unknown.name}, {"message", unknown.words()}});
    }
    raise_descriptor_limit(log);

    use_folder_beside_database(configuration, demo.has_value());
    const std::string host = configuration.http_host;
    const std::string database = configuration.database.name();
    Running running(std::move(configuration), log);
    if (auto started = running.start(demo); !started) {
        running.stop();
        std::fprintf(stderr, "cariosan-server: %s\n", started.error().message.c_str());
        return kExitFailed;
    }
    log.write(LogLevel::info, "server.started",
              {{"host", host}, {"port", running.port()}, {"database", database}});
    std::printf("Cariosan is ready: %s/\n", running.url().c_str());
    std::fflush(stdout);

    const int signal = wait_for_stop(memory, running);
    log.write(LogLevel::info, "server.stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
    end_on_next_signal();
    running.stop();
    log.write(LogLevel::info, "server.stopped");
    return kExitDone;
}

}  // namespace cariosan::server
