/// The command line. Section 12 of the protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "admin_command.hpp"
#include "demo.hpp"
#include "move.hpp"

namespace cariosan::server {

/// What this process should do.
struct Invocation {
    enum class Action : std::uint8_t { serve, admin, restore, move, vapid_key, healthcheck };
    Action action = Action::serve;
    std::optional<DemoLanguage> demo;  ///< serve, with the demo
    AdminCommand command;      ///< admin
    bool confirmed = false;    ///< admin: --yes, do not ask for confirmation
    std::string restore_from;  ///< restore
    MoveCommand move;          ///< move
};

/// Parses the arguments. Returns an exit code instead if there is nothing left to do: help, the version or an error about
/// the arguments was printed.
std::variant<Invocation, int> parse_command_line(int argc, const char* const* argv);

}  // namespace cariosan::server
