// cariosan-server: a thin host around the library. README.md says which file does what.

#include <cariosan/adapters/sqlite.hpp>

#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "admin_socket.hpp"
#include "command_line.hpp"
#include "configuration.hpp"
#include "console.hpp"
#include "healthcheck.hpp"
#include "host.hpp"
#include "log.hpp"
#include "serve.hpp"

namespace cariosan::server {

namespace {

int fail(Console& console, const Error& error) {
    console.tell("cariosan-server: " + error.message);
    return kExitFailed;
}

/// In the server that has the database, or here if none has. In between, a server that starts or stops has the database
/// but no socket: then it is tried again for a while.
int run_admin(Configuration configuration, const AdminCommand& command, Console& console) {
    constexpr int kAttempts = 100;
    constexpr std::chrono::milliseconds kBetween{50};
    Log log(LogLevel::warning, log_format_for(STDERR_FILENO), STDERR_FILENO);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        if (!configuration.in_memory()) {
            if (const auto exit = ask_running_server(configuration.admin_socket_path(), command, console))
                return *exit;
        }
        auto host = open_host(configuration, command.name == "workspace.create", log);
        if (host) return run_admin_command(*host, configuration, command, console);
        if (host.error().code != ErrorCode::conflict) return fail(console, host.error());
        std::this_thread::sleep_for(kBetween);
    }
    return fail(console,
                Error(ErrorCode::conflict, "the database " + configuration.database_path +
                                               " is in use by another process that does not answer at " +
                                               configuration.admin_socket_path()));
}

int run_restore(const Configuration& configuration, const std::string& from, Console& console) {
    if (configuration.in_memory())
        return fail(console, Error(ErrorCode::misuse, "CARIOS_DATABASE_URL names no file"));
    auto restored = restore_sqlite(from, configuration.database_path);
    if (!restored) {
        Error error = restored.error();
        if (error.code == ErrorCode::conflict) {
            error.message =
                "the database " + configuration.database_path + " is in use; stop the server first";
        }
        return fail(console, error);
    }
    console.tell("restored " + configuration.database_path + " from " + from);
    return kExitDone;
}

int run(const Invocation& invocation) {
    TerminalConsole console;
    auto configuration = read_configuration(process_variables());
    if (!configuration) return fail(console, configuration.error());
    switch (invocation.action) {
        case Invocation::Action::serve: return serve(*std::move(configuration), invocation.demo);
        case Invocation::Action::admin:
            return run_admin(*std::move(configuration), invocation.command, console);
        case Invocation::Action::restore:
            return run_restore(*configuration, invocation.restore_from, console);
        case Invocation::Action::healthcheck: break;
    }
    const auto healthy = check_health(*configuration);
    if (!healthy) return fail(console, healthy.error());
    return kExitDone;
}

}  // namespace

}  // namespace cariosan::server

int main(int argc, char** argv) {
    using namespace cariosan::server;
    cariosan::switch_off_sqlite_memory_statistics();
    const auto parsed = parse_command_line(argc, argv);
    if (const int* exit_code = std::get_if<int>(&parsed)) return *exit_code;
    const auto& invocation = std::get<Invocation>(parsed);
    // Before the first thread, so that all of them leave these signals to the one that waits for them.
    if (invocation.action == Invocation::Action::serve) block_signals();
    return run(invocation);
}
