#include "admin_command.hpp"

#include <cariosan/import.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <string_view>
#include <utility>

#include "attachments.hpp"
#include "export.hpp"
#include "import_report.hpp"
#include "workspaces.hpp"

namespace cariosan::server {

namespace {

namespace json = boost::json;

/// The arguments of one command. They come from this program, but perhaps from a different version of it.
class Arguments {
  public:
    explicit Arguments(const json::object& object) : object_(object) {}

    std::string text(const char* name) const {
        const json::value* value = object_.if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    }
    bool flag(const char* name) const {
        const json::value* value = object_.if_contains(name);
        return value != nullptr && value->is_bool() && value->get_bool();
    }
    std::int64_t number(const char* name, std::int64_t otherwise) const {
        const json::value* value = object_.if_contains(name);
        return value != nullptr && value->is_int64() ? value->get_int64() : otherwise;
    }

  private:
    const json::object& object_;
};

struct Invoked {
    Host& host;
    const Configuration& configuration;
    Arguments arguments;
    Console& console;

    Engine& engine() const { return *host.engine; }
    Result<Workspace> workspace() const { return find_workspace(*host.engine, arguments.text("workspace")); }
};

void print_credentials(const Invoked& invoked, const WorkspaceCredentials& made) {
    if (invoked.arguments.flag("json")) {
        invoked.console.print(json::serialize(json::object{{"id", made.id.to_string()},
                                                           {"name", made.name},
                                                           {"test", made.test},
                                                           {"api_key", made.api_key},
                                                           {"api_secret", made.api_secret}}));
        return;
    }
    invoked.console.print("workspace   " + made.id.to_string() + "  " + made.name);
    invoked.console.print("api_key     " + made.api_key);
    invoked.console.print("api_secret  " + made.api_secret);
    invoked.console.report("Keep the secret: it is shown this once.");
}

/// Quotes a value for a command that a message suggests.
std::string shell_word(const std::string& text) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'; };
    if (!text.empty() && std::ranges::all_of(text, plain)) return text;
    std::string word = "'";
    for (const char c : text) c == '\'' ? word += "'\\''" : word += c;
    return word + "'";
}

Result<Done> create_workspace(const Invoked& invoked) {
    const std::string name = invoked.arguments.text("name");
    const std::lock_guard lock(*invoked.host.naming);
    if (!invoked.arguments.flag("allow_duplicate")) {
        auto all = all_workspaces(invoked.engine());
        if (!all) return all.error();
        const auto same = std::ranges::find(*all, name, &Workspace::name);
        if (same != all->end()) {
            return Error(ErrorCode::conflict, "there is a workspace " + name + " already, " + same->id.to_string() +
                                                  "; take another name, or add --allow-duplicate");
        }
    }
    auto made = invoked.engine().run(Caller::host(), CreateWorkspace{.name = name,
                                                                     .test = invoked.arguments.flag("test")});
    if (!made) return made.error();
    print_credentials(invoked, *made);
    return Done{};
}

Result<Done> list_workspaces(const Invoked& invoked) {
    auto all = all_workspaces(invoked.engine());
    if (!all) return all.error();
    for (const Workspace& workspace : *all) {
        if (invoked.arguments.flag("json")) {
            invoked.console.print(
                json::serialize(json::object{{"id", workspace.id.to_string()},
                                             {"name", workspace.name},
                                             {"test", workspace.test},
                                             {"created_at", workspace.created_at.to_string()}}));
        } else {
            invoked.console.print(fmt::format("{}  {}  {}{}", workspace.id.to_string(),
                                              workspace.created_at.to_string(), workspace.name,
                                              workspace.test ? "  (test)" : ""));
        }
    }
    if (all->empty()) invoked.console.report("There is no workspace yet.");
    return Done{};
}

Result<Done> delete_workspace(const Invoked& invoked) {
    auto workspace = invoked.workspace();
    if (!workspace) return workspace.error();
    auto deleted = invoked.engine().run(Caller::host(), DeleteWorkspace{.workspace = workspace->id});
    if (!deleted) return deleted.error();
    invoked.console.report("deleted workspace " + workspace->id.to_string() + " (" + workspace->name + ")");
    return Done{};
}

Result<Done> rotate_secret(const Invoked& invoked) {
    auto workspace = invoked.workspace();
    if (!workspace) return workspace.error();
    const std::chrono::seconds keep_old(invoked.arguments.number("keep_old_seconds", 0));
    auto made =
        invoked.engine().run(Caller::host(), RotateSecret{.workspace = workspace->id, .keep_old = keep_old});
    if (!made) return made.error();
    print_credentials(invoked, *made);
    return Done{};
}

Result<Done> create_user(const Invoked& invoked) {
    auto workspace = invoked.workspace();
    if (!workspace) return workspace.error();
    const Caller backend = Caller::backend(workspace->id);
    const std::string id = invoked.arguments.text("id");
    const std::lock_guard lock(*invoked.host.naming);
    const auto known = invoked.engine().run(backend, GetUser{.user = id});
    if (known) return Error(ErrorCode::conflict, "workspace " + workspace->name + " has a user " + id + " already");
    if (known.error().code != ErrorCode::not_found) return known.error();
    auto made = invoked.engine().run(backend, UpsertUser{.external_id = id, .name = invoked.arguments.text("name")});
    if (!made) return made.error();
    if (invoked.arguments.flag("json")) {
        invoked.console.print(json::serialize(
            json::object{{"id", made->id.to_string()}, {"external_id", made->external_id}, {"name", made->name}}));
    } else {
        invoked.console.print("user  " + made->id.to_string() + "  " + made->external_id + "  " + made->name);
    }
    return Done{};
}

Result<Done> make_token(const Invoked& invoked) {
    auto workspace = invoked.workspace();
    if (!workspace) return workspace.error();
    auto user =
        invoked.engine().run(Caller::backend(workspace->id), GetUser{.user = invoked.arguments.text("user")});
    if (!user) {
        if (user.error().code != ErrorCode::not_found) return user.error();
        const std::string id = invoked.arguments.text("user");
        return Error(ErrorCode::not_found, "workspace " + workspace->name + " has no user " + id +
                                               "; make one with \"cariosan-server user create --workspace " +
                                               shell_word(workspace->name) + " --id " + shell_word(id) + " --name NAME\"");
    }
    std::chrono::seconds ttl = invoked.configuration.jwt_ttl;
    ttl = std::chrono::seconds(invoked.arguments.number("ttl_seconds", ttl.count()));
    invoked.console.print(invoked.host.gateway->issue_token(workspace->id, *user, ttl));
    return Done{};
}

Result<Done> import_messages(const Invoked& invoked) {
    auto workspace = invoked.workspace();
    if (!workspace) return workspace.error();
    ImportOptions options;
    options.path = invoked.arguments.text("file");
    options.workspace = workspace->id;
    options.source = invoked.arguments.text("source");
    if (options.source.empty()) options.source = import_source_of(options.path);
    if (!is_import_source(options.source)) {
        return Error(ErrorCode::misuse,
                     "this file's name cannot be the source of its messages; name one with --source "
                     "(1 to 128 bytes of UTF-8 without control characters)");
    }
    ImportReport report(invoked.console, options.path, invoked.arguments.flag("verbose"));
    const ImportOutcome outcome = import_file(invoked.engine(), options, report);
    report.finish(outcome);
    if (outcome.complete) return Done{};
    return Error(ErrorCode::conflict, "");  // The import has already reported its errors.
}

Result<Done> export_messages(const Invoked& invoked) {
    auto workspace = invoked.workspace();
    if (!workspace) return workspace.error();
    return print_export(*invoked.host.gateway, workspace->id, invoked.arguments.text("user"), invoked.console);
}

Result<Done> back_up(const Invoked& invoked) {
    const std::string file = invoked.arguments.text("file");
    const std::string folder = files_folder(invoked.configuration);
    const std::string copy = files_of_backup(file);
    // Before and after, so that the copy has every file that the database's copy names. Not if the backup is going to be refused.
    std::uint64_t files = 0;
    const auto copy_now = [&]() -> Result<Done> {
        auto copied = copy_files_of(folder, copy);
        if (!copied) return copied.error();
        files += *copied;
        return Done{};
    };
    if (::access(file.c_str(), F_OK) != 0) {
        if (auto copied = copy_now(); !copied) return copied;
    }
    auto done = invoked.engine().backup(file);
    if (!done) return done.error();
    if (auto copied = copy_now(); !copied) return copied;
    invoked.console.report("backed up to " + file + (files == 0 ? "" : ", and " + std::to_string(files) + " files to " + copy));
    return Done{};
}

Result<Done> rotate_epoch(const Invoked& invoked) {
    auto epoch = invoked.engine().rotate_epoch();
    if (!epoch) return epoch.error();
    invoked.console.print(*epoch);
    return Done{};
}

constexpr std::array<std::pair<std::string_view, Result<Done> (*)(const Invoked&)>, 10> kCommands = {{
    {"workspace.create", create_workspace},
    {"workspace.list", list_workspaces},
    {"workspace.delete", delete_workspace},
    {"workspace.rotate_secret", rotate_secret},
    {"user.create", create_user},
    {"token", make_token},
    {"import", import_messages},
    {"export", export_messages},
    {"backup", back_up},
    {"epoch.rotate", rotate_epoch},
}};

}  // namespace

int run_admin_command(Host& host, const Configuration& configuration, const AdminCommand& command,
                      Console& console) {
    for (const auto& [name, run] : kCommands) {
        if (name != command.name) continue;
        const auto done = run({host, configuration, Arguments(command.arguments), console});
        if (done) return kExitDone;
        if (!done.error().message.empty()) console.report("cariosan-server: " + done.error().message);
        return kExitFailed;
    }
    console.report("cariosan-server: the running server does not know the command " + command.name);
    return kExitFailed;
}

}  // namespace cariosan::server
