#include "export.hpp"

#include <cariosan/export.hpp>

#include <string_view>
#include <utility>

namespace cariosan::server {

namespace {

Result<Done> print_all(Exporter& exporter, Console& console) {
    while (!console.cancelled()) {
        const auto piece = exporter.next();
        if (!piece) return piece.error();
        if (!*piece) return Done{};
        std::string_view rest = **piece;
        while (!rest.empty()) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            console.print(line);
            rest.remove_prefix(line.size() + 1);
        }
    }
    return Error(ErrorCode::unavailable, "cancelled");
}

}  // namespace

Result<Done> print_export(Gateway& gateway, WorkspaceId workspace, const std::string& user, Console& console) {
    const auto exporter = user.empty() ? export_workspace(gateway, workspace) : export_user(gateway, workspace, user);
    return print_all(*exporter, console);
}

}  // namespace cariosan::server
