/// The command line. Section 12 of the protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "admin_command.hpp"
#include "demo.hpp"

namespace cariosan::server {

/// What the process was asked to do.
struct Invocation {
    enum class Action : std::uint8_t { serve, admin, restore, healthcheck };
    Action action = Action::serve;
    std::optional<DemoLanguage> demo;  ///< serve, with the demo
    AdminCommand command;      ///< admin
    bool confirmed = false;    ///< admin: --yes, nobody is asked
    std::string restore_from;  ///< restore
};

/// Reads the arguments. An exit code instead where there is nothing left to do: help or the version was printed, or what
/// is wrong with the arguments.
std::variant<Invocation, int> parse_command_line(int argc, const char* const* argv);

}  // namespace cariosan::server
