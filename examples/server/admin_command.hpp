/// The operator's commands. The same functions run in the command's own process, if no server has the database, or in the
/// server, if the command comes through the admin socket.
#pragma once

#include <boost/json.hpp>

#include <string>

#include "configuration.hpp"
#include "console.hpp"
#include "host.hpp"

namespace cariosan::server {

/// A command as sent over the admin socket. Paths in the arguments are absolute.
///
/// workspace.create {name, test, allow_duplicate, json} · user.create {workspace, id, name, json} · workspace.list {json} · workspace.delete {workspace} ·
/// workspace.rotate_secret {workspace, keep_old_seconds, json} · token {workspace, user, ttl_seconds} ·
/// import {file, workspace, source, verbose} · export {workspace} · backup {file} · epoch.rotate {}
struct AdminCommand {
    std::string name;
    boost::json::object arguments;
};

/// Exit codes of the program.
constexpr int kExitDone = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

/// Runs a command and returns its exit code. Prints errors to the console. Call from any thread but the engine's.
int run_admin_command(Host& host, const Configuration& configuration, const AdminCommand& command,
                      Console& console);

}  // namespace cariosan::server
