// Rows for commands of a host or a backend on workspaces and users.
#include "protocol/commands/command_rows.hpp"
#include "protocol/commands/moderation_field.hpp"
#include "protocol/rest/token.hpp"

namespace cariosan::protocol {
namespace {

/// The lifetime of the token to issue.
Field ttl_seconds() {
    auto read = [](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find("ttl_seconds");
        if (value.absent() || value.null()) return Done{};
        auto done = read_value("ttl_seconds", value, invocation.token.life);
        if (!done) return done;
        if (invocation.token.life.count() < 1)
            return invalid_field("ttl_seconds", "ttl_seconds must be at least 1");
        if (invocation.token.life > kMaxTokenLife) {
            return over_limit("ttl_seconds", kMaxTokenLife.count(), "ttl_seconds is too large", "seconds");
        }
        return done;
    };
    return {"ttl_seconds", "The token's lifetime; the server's default if absent.",
            detail::schema_reference("TokenLife"), false, std::move(read), true};
}

/// A user identified by `external_id` only.
Field user_by_external_id() {
    auto read = [](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find("user_id");
        if (value.absent()) return detail::missing("user_id");
        std::string external_id;
        auto done = read_value("user_id", value, external_id);
        if (!done) return done;
        if (external_id.empty()) return invalid_field("user_id", "user_id must not be empty");
        std::get<GetUser>(invocation.command).user = external_id;
        invocation.token.external_id = std::move(external_id);
        return done;
    };
    return {"user_id", "The user's external_id.", detail::schema_reference("UserReference"), true, std::move(read)};
}

/// Whether the user's messages are deleted too.
Field messages_too() {
    auto read = [](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find("messages");
        if (value.absent() || value.null()) return Done{};
        std::string what;
        auto done = read_value("messages", value, what);
        if (done && what != "erase") return invalid_field("messages", "messages can only be erase, or be left out");
        if (done) std::get<DeleteUser>(invocation.command).erase_messages = true;
        return done;
    };
    return {"messages", "erase: also unsends everything the user wrote.", R"({"type":"string","enum":["erase"]})", false,
            std::move(read), true};
}

}  // namespace

void add_workspaces(std::vector<CommandRow>& rows) {
    rows.push_back({.name = "workspace.create",
                    .summary = "Creates a workspace with its API key pair.",
                    .routes = {},
                    .callers = kHost,
                    .fields = {required("name", &CreateWorkspace::name, kName),
                               optional("test", &CreateWorkspace::test, "Whether its keys begin with pk_test_.")},
                    .make = make<CreateWorkspace>,
                    .answer = {Status::created_or_ok, "WorkspaceCredentials"}});
    rows.push_back({.name = "workspace.list",
                    .summary = "Lists the workspaces.",
                    .routes = {},
                    .callers = kHost,
                    .fields = range_and(&ListWorkspaces::range, core::ListOf::workspaces),
                    .make = make<ListWorkspaces>,
                    .answer = {Status::ok, "WorkspaceList"}});
    rows.push_back({.name = "workspace.delete",
                    .summary = "Deletes a workspace and everything in it.",
                    .routes = {},
                    .callers = kHost,
                    .fields = {required("workspace", &DeleteWorkspace::workspace, "The workspace's id.")},
                    .make = make<DeleteWorkspace>,
                    .answer = {Status::no_content, ""},
                    .errors = {ErrorCode::not_found}});
    rows.push_back(
        {.name = "workspace.rotate_secret",
         .summary = "Creates a new API secret; the old one stops working at once or after keep_old_seconds.",
         .routes = {},
         .callers = kHost,
         .fields = {required("workspace", &RotateSecret::workspace, "The workspace's id."),
                    optional("keep_old_seconds", &RotateSecret::keep_old,
                             "How long the old secret keeps working.")},
         .make = make<RotateSecret>,
         .answer = {Status::ok, "WorkspaceCredentials"},
         .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "workspace.get",
                    .summary = "The workspace and its settings.",
                    .routes = {{"GET", "/v1/workspace"}},
                    .callers = kBackend,
                    .fields = {},
                    .make = make<GetWorkspace>,
                    .answer = {Status::ok, "Workspace"}});
    rows.push_back({.name = "workspace.figures",
                    .summary = "How much there is in the workspace, counted to a bound.",
                    .routes = {{"GET", "/v1/workspace/figures"}},
                    .callers = kBackend,
                    .fields = {},
                    .make = make<GetFigures>,
                    .answer = {Status::ok, "WorkspaceFigures"}});
    rows.push_back({.name = "workspace.update",
                    .summary = "Changes settings; absent fields stay unchanged.",
                    .routes = {{"PATCH", "/v1/workspace"}},
                    .callers = kBackend,
                    .fields = {optional("name", &UpdateWorkspace::name, kName),
                               optional("read_receipts_enabled", &UpdateWorkspace::read_receipts_enabled,
                                        "Whether members see each other's read positions."),
                               clearable("edit_window_seconds", &UpdateWorkspace::edit_window_seconds,
                                         {"How long an author may edit a message; null: no limit.", "EditWindow"}),
                               moderation_field()},
                    .make = make<UpdateWorkspace>,
                    .answer = {Status::ok, "Workspace"}});
}

void add_users(std::vector<CommandRow>& rows) {
    rows.push_back(
        {.name = "user.upsert",
         .summary = "Creates or updates a user; absent fields stay unchanged.",
         .routes = {{"POST", "/v1/users"}},
         .callers = kBackend,
         .fields = {required("external_id", &UpsertUser::external_id,
                             {"The host's own id: 1–255 bytes, neither \".\" nor \"..\".", "NewExternalId"}),
                    changeable("name", &UpsertUser::name, kName),
                    clearable("avatar_url", &UpsertUser::avatar_url, kAvatar),
                    metadata("metadata", &UpsertUser::metadata, kMetadata)},
         .make = make<UpsertUser>,
         .answer = {Status::created_or_ok, "User"}});
    rows.push_back({.name = "user.update",
                    .summary = "Changes a user; absent fields stay unchanged.",
                    .routes = {{"PATCH", "/v1/users/{user}"}},
                    .callers = kBackend,
                    .fields = {required("user", &UpdateUser::user, kUserReference),
                               changeable("name", &UpdateUser::name, kName),
                               clearable("avatar_url", &UpdateUser::avatar_url, kAvatar),
                               metadata("metadata", &UpdateUser::metadata, kMetadata)},
                    .make = make<UpdateUser>,
                    .answer = {Status::ok, "User"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "user.list",
                    .summary = "Lists the users.",
                    .routes = {{"GET", "/v1/users"}},
                    .callers = kBackend,
                    .fields = range_and(&ListUsers::range, core::ListOf::users, {optional("q", &ListUsers::q, kUserQuery)}),
                    .make = make<ListUsers>,
                    .answer = {Status::ok, "UserList"}});
    rows.push_back({.name = "user.get",
                    .summary = "One user.",
                    .routes = {{"GET", "/v1/users/{user}"}},
                    .callers = kBackend,
                    .fields = {required("user", &GetUser::user, kUserReference)},
                    .make = make<GetUser>,
                    .answer = {Status::ok, "User"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "user.delete",
                    .summary = "Deletes a user. Its messages stay under its old id, unless they are erased.",
                    .routes = {{"DELETE", "/v1/users/{user}"}},
                    .callers = kBackend,
                    .fields = {required("user", &DeleteUser::user, kUserReference), messages_too()},
                    .make = make<DeleteUser>,
                    .answer = {Status::no_content, ""},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "user.export",
                    .summary = "Everything stored about a user.",
                    .routes = {{"GET", "/v1/users/{user}/export"}},
                    .callers = kBackend,
                    .fields = {required("user", &ExportUser::user, kUserReference),
                               optional("cursor", &ExportUser::cursor, {"The next_cursor of the previous page.", "ExportCursor"})},
                    .make = make<ExportUser>,
                    .answer = {Status::ok, "UserRecordList"},
                    .errors = {ErrorCode::not_found},
                    .lines = true});
    rows.push_back({.name = "user.token",
                    .summary = "Issues a token for the user's client.",
                    .routes = {{"POST", "/v1/users/{user}/tokens"}},
                    .callers = kBackend,
                    .fields = {required("user", &GetUser::user, kUserReference), ttl_seconds()},
                    .make = make<GetUser>,
                    .answer = {Status::ok, "Token"},
                    .errors = {ErrorCode::not_found},
                    .issues_token = true});
    rows.push_back({.name = "auth.token",
                    .summary = "Issues a token for the user with this external_id.",
                    .routes = {{"POST", "/v1/auth/token"}},
                    .callers = kBackend,
                    .fields = {user_by_external_id(), ttl_seconds()},
                    .make = make<GetUser>,
                    .answer = {Status::ok, "Token"},
                    .errors = {ErrorCode::not_found},
                    .issues_token = true});
}

}  // namespace cariosan::protocol
