// From a request line to a command: the first line of the input is method and target, the rest the body.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/text/text.hpp"
#include "protocol/commands/command_table.hpp"
#include "protocol/json/json_reader.hpp"
#include "protocol/rest/router.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cariosan;
    static const protocol::CommandTable table;
    static const protocol::Router router(table);

    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::string_view line = input.substr(0, input.find('\n'));
    const std::string_view body =
        line.size() < input.size() ? input.substr(line.size() + 1) : std::string_view();
    const std::string_view method = line.substr(0, line.find(' '));
    const std::string_view target =
        method.size() < line.size() ? line.substr(method.size() + 1) : std::string_view();

    const auto parsed = protocol::parse_target(target);
    if (!parsed) return 0;
    for (const std::string& segment : parsed->segments) {
        if (!core::is_utf8(segment) || core::has_nul(segment)) std::abort();
    }
    auto match = router.find(method, parsed->segments);
    if (!match) {
        const bool known = !router.allowed(parsed->segments).empty();
        if (known != (match.error().code == ErrorCode::method_not_allowed)) std::abort();
        return 0;
    }
    protocol::JsonDocument document;
    std::vector<protocol::Parameter> parameters = std::move(match->parameters);
    if (match->route->has_body()) {
        if (!document.parse(body)) return 0;
    } else {
        parameters.insert(parameters.end(), parsed->query.begin(), parsed->query.end());
    }
    for (const Caller::Kind caller : {Caller::Kind::backend, Caller::Kind::user}) {
        const protocol::Input fields(document.root().if_object(), parameters);
        const auto decoded = protocol::decode(*match->row, caller, fields);
        const bool allowed = match->row->callers.contains(caller);
        if (!allowed && (decoded || decoded.error().code != ErrorCode::forbidden)) std::abort();
        if (decoded && decoded->command.index() != match->row->make().index()) std::abort();
    }
    return 0;
}
