/// The answers of commands, as REST, `Gateway::call` and the WebSocket encode them.
#pragma once

#include <cariosan/commands.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/commands/command_table.hpp"
#include "protocol/json/json_objects.hpp"

namespace cariosan::engine {
class EngineImpl;
}

namespace cariosan::protocol {

/// What the answer depends on besides the outcome. Taken from a command before the command is passed on.
struct AnswerView {
    Viewer viewer;
    bool towards_newer = false;  ///< a page of messages requested with `after`
    /// Of the revisions in it, where the answer does not have its own. One that is changed while the command runs would only
    /// make a client read again.
    std::string epoch{};

    static AnswerView of(const Caller& caller, const Command& command, const engine::EngineImpl& engine);
};

int answer_status(const CommandRow& row, const Outcome& outcome) noexcept;

/// The JSON text of an answer; empty for one that has no body.
std::string answer_text(const Answer& answer, const AnswerView& view);

/// JSON, one value per line.
inline constexpr std::string_view kLinesType = "application/x-ndjson";
/// The records of a page as lines.
std::string record_lines(const Page<UserRecord>& page);

/// The `data` of the `ack` to a frame.
std::string ack_data(const CommandRow& row, const Outcome& outcome, const AnswerView& view);

}  // namespace cariosan::protocol
