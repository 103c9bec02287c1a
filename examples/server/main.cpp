// cariosan-server: a thin host around the library. README.md says which file does what.

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/adapters/webpush.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>
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
#include "move.hpp"
#include "serve.hpp"
#include "variable_names.hpp"

namespace cariosan::server {

namespace {

/// Shows errors that come before any result, and no results.
class SilentConsole final : public Console {
  public:
    explicit SilentConsole(Console& shown) : shown_(shown) {}
    void print(std::string_view) override { printed_ = true; }
    void report(std::string_view line) override {
        if (!printed_) shown_.report(line);
    }
    void progress(std::string_view) override {}
    bool cancelled() override { return shown_.cancelled(); }

  private:
    Console& shown_;
    bool printed_ = false;
};

int fail(Console& console, const Error& error) {
    console.report("cariosan-server: " + error.message);
    return kExitFailed;
}

/// Asks for confirmation before a command that cannot be undone. Returns an exit code if it was not given.
std::optional<int> refuse_unconfirmed(const Invocation& invocation, Console& console) {
    if (invocation.command.name != "workspace.delete" || invocation.confirmed) return std::nullopt;
    if (::isatty(STDIN_FILENO) == 0) {
        console.report("cariosan-server: nobody can be asked here; add --yes to delete the workspace");
        return kExitUsage;
    }
    const std::string name(invocation.command.arguments.at("workspace").as_string());
    std::fprintf(stderr, "Delete the workspace %s with all its users, channels and messages? This cannot be undone. [y/N] ", name.c_str());
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") return std::nullopt;
    console.report("Nothing was deleted.");
    return kExitFailed;
}

/// If the first command of a new installation is invalid, no database should be left behind, so the command is first tried
/// on an in-memory one.
std::optional<int> rehearse(Configuration configuration, const AdminCommand& command, Log& log, Console& console) {
    if (command.name != "workspace.create" || configuration.database.in_memory() || configuration.database.exists()) {
        return std::nullopt;
    }
    configuration.database = {.path = ":memory:"};
    auto host = open_host(configuration, {.makes_database = true}, log);
    if (!host) return fail(console, host.error());
    SilentConsole silent(console);
    const int exit = run_admin_command(*host, configuration, command, silent);
    return exit == kExitDone ? std::nullopt : std::optional(exit);
}

/// Runs the command in the server that has the database, or here if there is none. While a server starts or stops, it has
/// the database but no socket: the command retries for a while.
int run_admin(Configuration configuration, const AdminCommand& command, Console& console) {
    constexpr int kAttempts = 100;
    constexpr std::chrono::milliseconds kBetween{50};
    Log log(LogLevel::warning, log_format_for(STDERR_FILENO), STDERR_FILENO);
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        if (configuration.database.has_admin_socket()) {
            if (const auto exit = ask_running_server(configuration.database.admin_socket_path(), command, console))
                return *exit;
        }
        if (const auto exit = rehearse(configuration, command, log, console)) return *exit;
        const HostUse use{.makes_database = command.name == "workspace.create", .signs_tokens = command.name == "token"};
        auto host = open_host(configuration, use, log);
        if (host) return run_admin_command(*host, configuration, command, console);
        if (host.error().code != ErrorCode::conflict) return fail(console, host.error());
        std::this_thread::sleep_for(kBetween);
    }
    return fail(console,
                Error(ErrorCode::conflict, "the database " + configuration.database.name() +
                                               " is in use by another process that does not answer at " +
                                               configuration.database.admin_socket_path()));
}

int run_restore(const Configuration& configuration, const std::string& from, Console& console) {
    const Database& database = configuration.database;
    if (database.is_shared())
        return fail(console, Error(ErrorCode::misuse, "PostgreSQL has its own tools for this, such as pg_restore"));
    if (database.in_memory())
        return fail(console, Error(ErrorCode::misuse, "CARIOS_DATABASE_URL names no file"));
    // Files first: one that no message names yet does no harm, a message without its file does.
    const std::string folder = files_folder(configuration);
    const auto files = folder.empty() ? Result<std::uint64_t>(0) : copy_files_of(files_of_backup(from), folder);
    if (!files) return fail(console, files.error());
    auto restored = restore_sqlite(from, database.path);
    if (!restored) {
        Error error = restored.error();
        if (error.code == ErrorCode::conflict) {
            error.message = "the database " + database.path + " is in use; stop the server first";
        }
        return fail(console, error);
    }
    console.report("restored " + database.path + " from " + from +
                   (*files == 0 ? "" : ", and " + std::to_string(*files) + " files to " + folder));
    return kExitDone;
}

int run_vapid_key(Console& console) {
    const auto crypto = openssl_crypto();
    if (!crypto) return fail(console, Error(ErrorCode::internal, "OpenSSL cannot be used"));
    const auto made = make_vapid_key(*crypto);
    if (!made) return fail(console, made.error());
    const auto shown = vapid_public_key(*made, *crypto);
    if (!shown) return fail(console, shown.error());
    console.print("CARIOS_VAPID_PRIVATE_KEY=" + *made);
    console.print("# applicationServerKey: " + *shown);
    return kExitDone;
}

int run(const Invocation& invocation) {
    TerminalConsole console;
    // Named by its arguments alone.
    if (invocation.action == Invocation::Action::move) return run_move(invocation.move, console);
    if (invocation.action == Invocation::Action::vapid_key) return run_vapid_key(console);
    auto configuration = read_configuration(process_variables());
    if (!configuration) {
        // The missing variable may be a misspelt one.
        for (const UnknownVariable& unknown : unknown_variables(process_variable_names()))
            console.report("cariosan-server: warning: " + unknown.words());
        return fail(console, configuration.error());
    }
    switch (invocation.action) {
        case Invocation::Action::serve: return serve(*std::move(configuration), invocation.demo);
        case Invocation::Action::admin:
            if (const auto exit = refuse_unconfirmed(invocation, console)) return *exit;
            return run_admin(*std::move(configuration), invocation.command, console);
        case Invocation::Action::restore:
            return run_restore(*configuration, invocation.restore_from, console);
        case Invocation::Action::move:
        case Invocation::Action::vapid_key:
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
    // Set before the first thread starts, so that all threads leave these signals to the one that waits for them.
    if (invocation.action == Invocation::Action::serve) block_signals();
    return run(invocation);
}
