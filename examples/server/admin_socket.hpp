/// The way of operator's commands into a running server: `<database>.sock`. See README.md for what goes over it.
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

/// Takes connections on a thread of its own and runs each command on one more, at most 8 at once. Only processes of the
/// same user (or root) are served.
class AdminSocket {
  public:
    /// Host, configuration and log must outlive it.
    static Result<std::unique_ptr<AdminSocket>> start(const std::string& path, Host& host,
                                                      const Configuration& configuration, Log& log);
    /// As `cancel`, and waits for the commands.
    ~AdminSocket();
    AdminSocket(const AdminSocket&) = delete;
    AdminSocket& operator=(const AdminSocket&) = delete;

    /// Takes no more connections and tells running commands to end. From any thread, more than once.
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
    /// Takes the socket if it can; with `mutex_` held.
    bool start_connection(LineSocket& socket);
    void serve(Connection& connection);
    void remove_finished();

    const std::string path_;
    Descriptor listening_;
    Descriptor stop_;  ///< an eventfd: readable once `cancel` was called
    Host& host_;
    const Configuration& configuration_;
    Log& log_;
    std::mutex mutex_;
    std::list<Connection> connections_;
    bool cancelled_ = false;
    std::thread thread_;
};

/// Runs the command in the server that owns the database, if there is one: answers its exit code, or nothing if nobody
/// listens at `path`.
std::optional<int> ask_running_server(const std::string& path, const AdminCommand& command, Console& console);

}  // namespace cariosan::server
