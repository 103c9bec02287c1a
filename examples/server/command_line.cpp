#include "command_line.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <system_error>

#include "configuration_values.hpp"

namespace cariosan::server {

namespace {

constexpr const char* kDescription =
    "A chat server: users, channels and messages over REST and WebSocket, kept in one SQLite file.\n"
    "Without a command it serves.";

constexpr const char* kFooter = R"(Examples:
  cariosan-server --demo
  cariosan-server workspace create --name Shop
  cariosan-server user create --workspace Shop --id alice --name Alice
  cariosan-server token --workspace Shop --user alice
  cariosan-server import chat.jsonl --workspace Shop
  cariosan-server backup /backups/cariosan.db

The environment configures it; CARIOS_DATABASE_URL (default sqlite:cariosan.db) names the database. While the
server runs, commands are carried out by it, through the socket beside the database.

Exit codes: 0 done, 1 failed, 2 wrong usage.)";

constexpr const char* kImportFooter =
    R"(Each line is an object: {"channel","ts","user","text","id"?,"reply_to"?}. Users and channels are made as needed;
users join their channels when the messages are in, so nobody begins with all of them unread. Bad lines are
reported and skipped; then the exit code is 1. A second run of the same source adds nothing.

Example:
  cariosan-server import chat.jsonl --workspace Shop --source old-chat)";

constexpr const char* kExportFooter =
    R"(The lines go to the standard output: the workspace, its users, and each channel with its members and messages.

Example:
  cariosan-server export --workspace Shop > shop.jsonl)";

constexpr const char* kRestoreFooter =
    R"(The server must not be running. Clients notice the restored database by its new epoch and read again what they
show. The JWT secret kept beside the database stays.

Example:
  cariosan-server restore /backups/cariosan.db)";

constexpr const char* kVapidFooter =
    R"(Prints the line for the server's environment, and the public key that a page subscribes with. Needs CARIOS_VAPID_SUBJECT
beside it. With another key, browsers must subscribe again.)";

constexpr const char* kMoveFooter =
    R"(The server must not be running, and the PostgreSQL database must be empty. After an interruption the same command goes
on; until it is done, no server can open the PostgreSQL database. Both sides are compared at the end; if anything
differs, the exit code is 1. Clients go on where they are. A password may be left to PGPASSWORD or ~/.pgpass, so
that it is in no list of processes.

Example:
  cariosan-server migrate-storage --from sqlite:cariosan.db --to postgres://chat@db.example.com/chat)";

/// Where CLI11 stores values, and how they become an invocation.
struct Parsed {
    bool demo = false;
    std::string demo_language;
    bool json = false;
    bool test = false;
    bool verbose = false;
    bool allow_duplicate = false;
    bool yes = false;
    std::string name;
    std::string workspace;
    std::string user;
    std::string file;
    std::string source;
    std::string keep_old = "0";
    std::string ttl;
};

std::string absolute(const std::string& path) {
    std::error_code error;
    const auto whole = std::filesystem::absolute(path, error);
    return error ? path : whole.string();
}

std::int64_t seconds_of(const std::string& duration) {
    const auto seconds = parse_duration(duration);
    return seconds ? seconds->count() : 0;
}

/// CLI11 validator: rejects empty values, which a script passes when its variable is not set.
std::string empty_fault(const std::string& text) { return text.empty() ? "must not be empty" : ""; }

/// CLI11 validator. Does not quote the text, which may contain a password.
std::string postgres_fault(const std::string& text) {
    const bool named = text.starts_with("postgres://") || text.starts_with("postgresql://");
    return named ? "" : "no PostgreSQL database is named; accepted: postgres://USER:PASSWORD@HOST/NAME";
}

/// CLI11 validator: what is wrong with the text, or an empty text.
std::string duration_fault(const std::string& text) {
    return parse_duration(text) ? ""
                                : text + " is no duration; accepted: a number and s, m, h or d, such as 24h";
}

class CommandLine {
  public:
    CommandLine() {
        app_.set_version_flag("--version", "cariosan-server " CARIOSAN_SERVER_VERSION, "Print the version");
        app_.set_help_flag("-h,--help", "Print this help");
        app_.footer(kFooter);
        app_.require_subcommand(0, 1);
        add_demo_options(app_);
        add_serve();
        add_workspace();
        add_user();
        add_data();
        add_maintenance();
        add_move();
    }

    std::variant<Invocation, int> parse(int argc, const char* const* argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            return app_.exit(error) == 0 ? kExitDone : kExitUsage;
        }
        if (parsed_.demo || !parsed_.demo_language.empty())
            invocation_.demo = parse_demo_language(parsed_.demo_language).value_or(DemoLanguage::english);
        invocation_.confirmed = parsed_.yes;
        return invocation_;
    }

  private:
    /// Adds a subcommand that becomes an `AdminCommand` when it is parsed.
    template <class Arguments>
    CLI::App* add_admin(CLI::App& parent, const std::string& word, const std::string& description,
                        const std::string& name, Arguments arguments) {
        CLI::App* command = parent.add_subcommand(word, description);
        command->callback([this, name, arguments] {
            invocation_.action = Invocation::Action::admin;
            invocation_.command = {name, arguments()};
        });
        return command;
    }

    CLI::Option* add_workspace_option(CLI::App& command) {
        return command.add_option("--workspace", parsed_.workspace,
                                  "The name or id of the workspace; may be left out if there is only one")
            ->check(empty_fault);
    }

    void add_serve() {
        CLI::App* command = app_.add_subcommand("serve", "Serve (as without a command)");
        add_demo_options(*command);
    }

    void add_demo_options(CLI::App& command) {
        command.add_flag("--demo", parsed_.demo, "Serve with a demo workspace and its page");
        command.add_option("--demo-language", parsed_.demo_language, "With --demo, in this language: en (the default) or id")
            ->check([](const std::string& name) { return parse_demo_language(name) ? "" : "is neither en nor id"; });
    }

    void add_workspace() {
        CLI::App* group =
            app_.add_subcommand("workspace", "Make, list and delete workspaces, and change their API keys");
        group->require_subcommand(1);

        CLI::App* create =
            add_admin(*group, "create", "Make a workspace and print its API key", "workspace.create", [this] {
                return boost::json::object{
                    {"name", parsed_.name},
                    {"test", parsed_.test},
                    {"allow_duplicate", parsed_.allow_duplicate},
                    {"json", parsed_.json}};
            });
        create->add_option("--name", parsed_.name, "Its name")->required();
        create->add_flag("--allow-duplicate", parsed_.allow_duplicate, "Also if a workspace has this name already");
        create->add_flag("--test", parsed_.test, "With keys that begin with pk_test_");
        create->add_flag("--json", parsed_.json, "Print a JSON object");

        CLI::App* list = add_admin(*group, "list", "List the workspaces", "workspace.list", [this] {
            return boost::json::object{{"json", parsed_.json}};
        });
        list->add_flag("--json", parsed_.json, "Print JSON objects, one per line");

        CLI::App* remove = add_admin(*group, "delete", "Delete a workspace with everything in it",
                                     "workspace.delete", [this] {
                                         return boost::json::object{{"workspace", parsed_.workspace}};
                                     });
        remove->add_option("--workspace", parsed_.workspace, "Its name or id")->required()->check(empty_fault);
        remove->add_flag("--yes", parsed_.yes, "Without asking");

        CLI::App* rotate =
            add_admin(*group, "rotate-secret", "Make a new API secret; the public key stays", "workspace.rotate_secret", [this] {
                return boost::json::object{{"workspace", parsed_.workspace},
                                           {"keep_old_seconds", seconds_of(parsed_.keep_old)},
                                           {"json", parsed_.json}};
            });
        rotate->add_option("--workspace", parsed_.workspace, "Its name or id")->required()->check(empty_fault);
        rotate
            ->add_option("--keep-old", parsed_.keep_old,
                         "How long the old pair still works, such as 24h (default: 0)")
            ->check(duration_fault);
        rotate->add_flag("--json", parsed_.json, "Print a JSON object");
    }

    void add_user() {
        CLI::App* group = app_.add_subcommand("user", "Make users");
        group->require_subcommand(1);
        CLI::App* create = add_admin(*group, "create", "Make a user", "user.create", [this] {
            return boost::json::object{
                {"workspace", parsed_.workspace}, {"id", parsed_.user}, {"name", parsed_.name}, {"json", parsed_.json}};
        });
        add_workspace_option(*create);
        create->add_option("--id", parsed_.user, "Its external_id: what your own system calls this user")->required()->check(empty_fault);
        create->add_option("--name", parsed_.name, "What others see")->required();
        create->add_flag("--json", parsed_.json, "Print a JSON object");
    }

    void add_data() {
        CLI::App* token = add_admin(app_, "token", "Print a token for a user", "token", [this] {
            boost::json::object arguments{{"workspace", parsed_.workspace}, {"user", parsed_.user}};
            if (!parsed_.ttl.empty()) arguments["ttl_seconds"] = seconds_of(parsed_.ttl);
            return arguments;
        });
        add_workspace_option(*token);
        token->add_option("--user", parsed_.user, "The user's external_id")->required()->check(empty_fault);
        token
            ->add_option("--ttl", parsed_.ttl,
                         "How long it is valid, such as 1h (default: CARIOS_JWT_TTL_HOURS)")
            ->check([](const std::string& text) {
                return seconds_of(text) > 0 ? std::string()
                                            : "a duration of at least 1s is needed, such as 1h";
            });

        CLI::App* import =
            add_admin(app_, "import", "Bring in messages from a file of JSON lines", "import", [this] {
                return boost::json::object{{"file", absolute(parsed_.file)},
                                           {"workspace", parsed_.workspace},
                                           {"source", parsed_.source},
                                           {"verbose", parsed_.verbose}};
            });
        import->add_option("FILE", parsed_.file, "The file")->required()->check(CLI::ExistingFile);
        add_workspace_option(*import);
        import->add_option("--source", parsed_.source,
                           "What the messages' keys are made with (default: the file's name)");
        import->add_flag("--verbose", parsed_.verbose, "Report all bad lines, not only the first 20");
        import->footer(kImportFooter);

        CLI::App* all =
            add_admin(app_, "export", "Print all data of a workspace as JSON lines", "export", [this] {
                return boost::json::object{{"workspace", parsed_.workspace}, {"user", parsed_.user}};
            });
        add_workspace_option(*all);
        all->add_option("--user", parsed_.user, "Only what is stored about the user with this external_id or id")->check(empty_fault);
        all->footer(kExportFooter);
    }

    void add_maintenance() {
        CLI::App* backup = add_admin(
            app_, "backup", "Copy the database to a new file, also while it is served", "backup", [this] {
                return boost::json::object{{"file", absolute(parsed_.file)}};
            });
        backup->add_option("FILE", parsed_.file, "The copy; must not exist yet")->required();

        CLI::App* restore = app_.add_subcommand("restore", "Replace the database by a backup");
        restore->add_option("FILE", parsed_.file, "The backup")->required()->check(CLI::ExistingFile);
        restore->footer(kRestoreFooter);
        restore->callback([this] {
            invocation_.action = Invocation::Action::restore;
            invocation_.restore_from = absolute(parsed_.file);
        });

        CLI::App* epoch = app_.add_subcommand("epoch", "The id of the database's history");
        epoch->require_subcommand(1);
        add_admin(*epoch, "rotate", "Take a new one: every client forgets what it holds and reads again",
                  "epoch.rotate", [] { return boost::json::object(); });

        CLI::App* health =
            app_.add_subcommand("healthcheck", "Ask the server at the configured address whether it is well");
        health->callback([this] { invocation_.action = Invocation::Action::healthcheck; });

        CLI::App* vapid = app_.add_subcommand("vapid-key", "Make a key with which browsers can be notified");
        vapid->footer(kVapidFooter);
        vapid->callback([this] { invocation_.action = Invocation::Action::vapid_key; });
    }

    void add_move() {
        CLI::App* move = app_.add_subcommand("migrate-storage", "Move the data from SQLite to PostgreSQL");
        move->add_option("--from", invocation_.move.from, "The SQLite database, sqlite:PATH")->required()->check([](const std::string& text) {
            return text.starts_with("sqlite:") ? "" : "no SQLite database is named; accepted: sqlite:PATH";
        });
        move->add_option("--to", invocation_.move.to, "The PostgreSQL database, postgres://USER:PASSWORD@HOST/NAME")
            ->required()
            ->check(postgres_fault);
        move->add_flag("--json", invocation_.move.json, "Print a JSON object");
        move->footer(kMoveFooter);
        move->callback([this] { invocation_.action = Invocation::Action::move; });
    }

    CLI::App app_{kDescription, "cariosan-server"};
    Parsed parsed_;
    Invocation invocation_;
};

}  // namespace

std::variant<Invocation, int> parse_command_line(int argc, const char* const* argv) {
    return CommandLine().parse(argc, argv);
}

}  // namespace cariosan::server
