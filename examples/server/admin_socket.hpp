/// How operator's commands reach a running server: `<database>.sock`. README.md describes the lines.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "admin_command.hpp"
#include "configuration.hpp"
#include "descriptor.hpp"
#include "host.hpp"
#include "line_socket.hpp"
#include "log.hpp"

namespace cariosan::server {

/// Accepts connections on one thread and runs each command on a thread of its own, at most 8 at once. Only serves processes
/// of the same user or root.
class AdminSocket {
  public:
    /// Host, configuration and log must outlive it.
    static Result<std::unique_ptr<AdminSocket>> start(const std::string& path, Host& host,
                                                      const Configuration& configuration, Log& log);
    /// Calls `cancel` and waits for the commands to end.
    ~AdminSocket();
    AdminSocket(const AdminSocket&) = delete;
    AdminSocket& operator=(const AdminSocket&) = delete;

    /// Stops accepting connections and tells running commands to end. May be called from any thread, and repeatedly.
    void cancel();

  private:
    struct Connection {
        LineSocket socket;
        std::thread thread;
        std::atomic<bool> finished{false};
    };

    AdminSocket(std::string path, Descriptor listening, Descriptor stop, Host& host,
                const Configuration& configuration, Log& log);
    void accept_connections();
    void accept_one();
    /// Accepts the socket if there is room. Call with `mutex_` held.
    bool start_connection(LineSocket& socket);
    void serve(Connection& connection);
    void remove_finished();

    const std::string path_;
    Descriptor listening_;
    Descriptor stop_;  ///< an eventfd, readable after `cancel`
    Host& host_;
    const Configuration& configuration_;
    Log& log_;
    std::mutex mutex_;
    std::list<Connection> connections_;
    bool cancelled_ = false;
    std::thread thread_;
};

/// Runs the command in the server that owns the database and returns its exit code. Absent if no server listens at `path`.
std::optional<int> ask_running_server(const std::string& path, const AdminCommand& command, Console& console);

}  // namespace cariosan::server
