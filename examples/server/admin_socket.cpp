#include "admin_socket.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace cariosan::server {

namespace {

namespace json = boost::json;

constexpr std::size_t kMostConnections = 8;
constexpr std::size_t kMostRequestBytes = 64 * 1024;
constexpr std::size_t kMostAnswerBytes = 8 * 1024 * 1024;
constexpr int kRequestSeconds = 5;
constexpr int kPauseMilliseconds = 100;

/// The console of the client at the other end.
class RemoteConsole final : public Console {
  public:
    explicit RemoteConsole(LineSocket& socket) : socket_(socket) {}

    void print(std::string_view line) override { send("print", line); }
    void report(std::string_view line) override { send("stderr", line); }
    void progress(std::string_view text) override { send("progress", text); }
    bool cancelled() override { return gone_ || socket_.peer_is_gone(); }
    void finish(int exit_code) { socket_.write_line(json::serialize(json::object{{"exit", exit_code}})); }

  private:
    void send(const char* kind, std::string_view text) {
        if (!gone_) gone_ = !socket_.write_line(json::serialize(json::object{{kind, json::string(text)}}));
    }

    LineSocket& socket_;
    bool gone_ = false;
};

std::optional<AdminCommand> parse_request(std::string_view line) {
    json::error_code error;
    const json::value value = json::parse(line, error);
    if (error || !value.is_object()) return std::nullopt;
    const json::value* name = value.get_object().if_contains("command");
    const json::value* arguments = value.get_object().if_contains("arguments");
    if (name == nullptr || !name->is_string() || arguments == nullptr || !arguments->is_object())
        return std::nullopt;
    return AdminCommand{std::string(name->get_string()), arguments->get_object()};
}

}  // namespace

Result<std::unique_ptr<AdminSocket>> AdminSocket::start(const std::string& path, Host& host,
                                                        const Configuration& configuration, Log& log) {
    Descriptor stop(::eventfd(0, EFD_CLOEXEC));
    if (!stop)
        return Error(ErrorCode::unavailable, std::string("cannot make an eventfd: ") + std::strerror(errno));
    auto listening = listen_at(path);
    if (!listening) return listening.error();
    return std::unique_ptr<AdminSocket>(
        new AdminSocket(path, *std::move(listening), std::move(stop), host, configuration, log));
}

AdminSocket::AdminSocket(std::string path, Descriptor listening, Descriptor stop, Host& host,
                         const Configuration& configuration, Log& log)
    : path_(std::move(path)),
      listening_(std::move(listening)),
      stop_(std::move(stop)),
      host_(host),
      configuration_(configuration),
      log_(log),
      thread_([this] { accept_connections(); }) {}

AdminSocket::~AdminSocket() {
    cancel();
    thread_.join();
    // No connection is added from here on.
    for (Connection& connection : connections_) connection.thread.join();
}

void AdminSocket::cancel() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(cancelled_, true)) return;
    const std::uint64_t one = 1;
    if (::write(stop_.get(), &one, sizeof(one)) < 0) log_.write(LogLevel::error, "admin.stop_failed");
    for (Connection& connection : connections_) connection.socket.shut_down();
    ::unlink(path_.c_str());
}

void AdminSocket::accept_connections() {
    std::array<pollfd, 2> waiting = {pollfd{listening_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
    while (true) {
        if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
        if ((waiting[1].revents & POLLIN) != 0) return;
        if ((waiting[0].revents & POLLIN) != 0) accept_one();
    }
}

void AdminSocket::accept_one() {
    LineSocket socket(Descriptor(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    if (!socket) {
        // Without a free descriptor, the connection stays in the backlog; accepting again at once would only spin.
        pollfd stop{stop_.get(), POLLIN, 0};
        ::poll(&stop, 1, kPauseMilliseconds);
        return;
    }
    const auto user = socket.peer_user();
    if (!user || (*user != ::geteuid() && *user != 0)) {
        log_.write(LogLevel::warning, "admin.refused",
                   {{"user", static_cast<std::int64_t>(user.value_or(0))}});
        return;
    }
    const std::lock_guard lock(mutex_);
    remove_finished();
    if (cancelled_) return;
    if (connections_.size() >= kMostConnections || !start_connection(socket)) {
        RemoteConsole console(socket);
        console.report("cariosan-server: the running server is busy with other commands; try again");
        console.finish(kExitFailed);
    }
}

bool AdminSocket::start_connection(LineSocket& socket) {
    Connection& connection = connections_.emplace_back();
    try {
        connection.thread = std::thread([this, &connection] {
            // Waits until the socket has been moved into the connection.
            { const std::lock_guard lock(mutex_); }
            serve(connection);
        });
    } catch (const std::system_error&) {  // no more threads
        connections_.pop_back();
        return false;
    }
    connection.socket = std::move(socket);
    return true;
}

void AdminSocket::remove_finished() {
    for (auto connection = connections_.begin(); connection != connections_.end();) {
        if (connection->finished) {
            connection->thread.join();
            connection = connections_.erase(connection);
        } else {
            ++connection;
        }
    }
}

void AdminSocket::serve(Connection& connection) {
    RemoteConsole console(connection.socket);
    connection.socket.set_read_timeout(kRequestSeconds);
    const auto line = connection.socket.read_line(kMostRequestBytes);
    const auto command = line ? parse_request(*line) : std::nullopt;
    if (command) {
        log_.write(LogLevel::info, "admin.command", {{"command", command->name}});
        const int exit_code = run_admin_command(host_, configuration_, *command, console);
        log_.write(LogLevel::info, "admin.done", {{"command", command->name}, {"exit", exit_code}});
        console.finish(exit_code);
    } else {
        console.report("cariosan-server: a request of one line of JSON was expected");
        console.finish(kExitUsage);
    }
    connection.socket.shut_down();
    connection.finished = true;
}

std::optional<int> ask_running_server(const std::string& path, const AdminCommand& command,
                                      Console& console) {
    LineSocket socket = connect_to(path);
    if (!socket) return std::nullopt;
    const json::object request{{"command", command.name}, {"arguments", command.arguments}};
    if (!socket.write_line(json::serialize(request))) return std::nullopt;
    while (auto line = socket.read_line(kMostAnswerBytes)) {
        json::error_code error;
        const json::value value = json::parse(*line, error);
        if (error || !value.is_object() || value.get_object().size() != 1) break;
        const auto& [kind, content] = *value.get_object().begin();
        if (kind == "exit" && content.is_int64()) return static_cast<int>(content.get_int64());
        if (!content.is_string()) break;
        if (kind == "print") console.print(content.get_string());
        if (kind == "stderr") console.report(content.get_string());
        if (kind == "progress") console.progress(content.get_string());
    }
    console.report("cariosan-server: the running server ended before the command was done");
    return kExitFailed;
}

}  // namespace cariosan::server
