#include "export.hpp"

#include <boost/json.hpp>

#include <future>
#include <string>
#include <utility>

namespace cariosan::server {

namespace {

namespace json = boost::json;

/// Runs the protocol's commands by name, so that an export looks exactly like REST.
class Exporter {
  public:
    Exporter(Gateway& gateway, WorkspaceId workspace, Console& console)
        : gateway_(gateway), backend_(Caller::backend(workspace)), console_(console) {}

    Result<Done> run() {
        auto workspace = call("workspace.get", {});
        if (!workspace) return workspace.error();
        print("workspace", *std::move(workspace));
        auto users = each("user.list", "users", {}, [this](json::object user) -> Result<Done> {
            print("user", std::move(user));
            return Done{};
        });
        if (!users) return users;
        return each("channel.list", "channels", {},
                    [this](json::object channel) { return export_channel(std::move(channel)); });
    }

    Result<Done> run_for(const std::string& user) {
        return each("user.export", "records", {{"user", user}}, [this](json::object record) -> Result<Done> {
            console_.print(json::serialize(record));
            return Done{};
        });
    }

  private:
    Result<Done> export_channel(json::object channel) {
        const json::string id = channel.at("id").as_string();
        print("channel", std::move(channel));
        auto members =
            each("member.list", "members", {{"channel", id}}, [&](json::object member) -> Result<Done> {
                member["channel_id"] = id;
                print("member", std::move(member));
                return Done{};
            });
        if (!members) return members;
        return export_messages(id);
    }

    /// Pages through from the oldest; each page has its newest message first.
    Result<Done> export_messages(const json::string& channel) {
        json::object input{{"channel", channel}, {"after", "seq:0"}, {"limit", 100}};
        while (true) {
            auto page = call("message.list", input);
            if (!page) return page.error();
            json::array& messages = page->at("messages").as_array();
            if (messages.empty()) return Done{};
            input["after"] = messages.front().at("id");
            for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
                print("message", std::move(message->as_object()));
            }
            if (!page->at("has_more").as_bool()) return Done{};
        }
    }

    template <class Use>
    Result<Done> each(const char* command, const char* list, json::object input, Use use) {
        input["limit"] = 100;
        while (true) {
            auto page = call(command, input);
            if (!page) return page.error();
            for (json::value& item : page->at(list).as_array()) {
                if (auto used = use(std::move(item.as_object())); !used) return used;
            }
            const json::value* cursor = page->if_contains("next_cursor");
            if (cursor == nullptr || !cursor->is_string() || cursor->get_string().empty()) return Done{};
            input["cursor"] = *cursor;
        }
    }

    Result<json::object> call(const char* command, const json::object& input) {
        if (console_.cancelled()) return Error(ErrorCode::unavailable, "cancelled");
        std::promise<Result<std::string>> answered;
        gateway_.call(backend_, command, json::serialize(input),
                      [&answered](Result<std::string> answer) { answered.set_value(std::move(answer)); });
        auto answer = answered.get_future().get();
        if (!answer) return answer.error();
        json::error_code error;
        json::value value = json::parse(*answer, error);
        if (error || !value.is_object())
            return Error(ErrorCode::internal, std::string(command) + " answered no object");
        return std::move(value.as_object());
    }

    void print(const char* kind, json::object thing) {
        json::object line{{"kind", kind}};
        for (auto& [key, value] : thing) line[key] = std::move(value);
        console_.print(json::serialize(line));
    }

    Gateway& gateway_;
    const Caller backend_;
    Console& console_;
};

}  // namespace

Result<Done> export_workspace(Gateway& gateway, WorkspaceId workspace, Console& console) {
    return Exporter(gateway, workspace, console).run();
}

Result<Done> export_user(Gateway& gateway, WorkspaceId workspace, const std::string& user, Console& console) {
    return Exporter(gateway, workspace, console).run_for(user);
}

}  // namespace cariosan::server
