#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cariosan/export.hpp>
#include <deque>
#include <string_view>
#include <utility>

#include "core/propagate.hpp"

namespace cariosan {
namespace {

namespace json = boost::json;

constexpr int kExportPage = 100;

/// One object as a line, with what it is.
void append_export_line(std::string& out, std::string_view kind, json::object thing) {
    json::object line{{"kind", kind}};
    for (auto& [key, value] : thing) line[key] = std::move(value);
    out += json::serialize(line);
    out += '\n';
}

/// Runs the protocol's commands by name, so that an export looks exactly like REST.
class ExportBackend {
  public:
    ExportBackend(Gateway& gateway, WorkspaceId workspace) : gateway_(gateway), caller_(Caller::backend(workspace)) {}

    Result<json::object> call(std::string_view command, const json::object& input) {
        CARIOSAN_TRY(const std::string answer, gateway_.run(caller_, command, json::serialize(input)));
        json::error_code error;
        json::value value = json::parse(answer, error);
        if (error || !value.is_object()) return Error(ErrorCode::internal, std::string(command) + " answered no object");
        return std::move(value.as_object());
    }

  private:
    Gateway& gateway_;
    const Caller caller_;
};

/// A list of the protocol, page by page.
class ExportPages {
  public:
    ExportPages(std::string_view command, std::string_view list, json::object input = {})
        : command_(command), list_(list), input_(std::move(input)) {}

    bool done() const noexcept { return done_; }

    /// The next page; `done` afterwards if it was the last.
    Result<json::array> next(ExportBackend& backend) {
        CARIOSAN_TRY(json::object page, backend.call(command_, input_));
        const json::value* cursor = page.if_contains("next_cursor");
        done_ = cursor == nullptr || !cursor->is_string() || cursor->get_string().empty();
        if (!done_) input_["cursor"] = *cursor;
        return std::move(page.at(list_).as_array());
    }

  private:
    std::string_view command_;
    std::string_view list_;
    json::object input_;
    bool done_ = false;
};

/// One channel: its own line, its members, its messages from the oldest.
class ChannelExport {
  public:
    explicit ChannelExport(json::object channel)
        : id_(channel.at("id").as_string()), channel_(std::move(channel)),
          members_("member.list", "members", {{"channel", id_}, {"limit", kExportPage}}),
          messages_{{"channel", id_}, {"after", "seq:0"}, {"limit", kExportPage}} {}

    bool done() const noexcept { return done_; }

    /// A channel that was deleted meanwhile just ends.
    Result<std::string> next(ExportBackend& backend) {
        Result<std::string> lines = read(backend);
        if (lines || lines.error().code != ErrorCode::not_found) return lines;
        done_ = true;
        return std::string();
    }

  private:
    Result<std::string> read(ExportBackend& backend) {
        std::string lines;
        if (!began_) {
            append_export_line(lines, "channel", channel_);
            began_ = true;
        } else if (!members_.done()) {
            CARIOSAN_TRY(json::array members, members_.next(backend));
            for (json::value& member : members) {
                member.as_object()["channel_id"] = id_;
                append_export_line(lines, "member", std::move(member.as_object()));
            }
        } else {
            CARIOSAN_TRY_DONE(add_messages(backend, lines));
        }
        return lines;
    }

    /// Each page has its newest message first.
    Result<Done> add_messages(ExportBackend& backend, std::string& lines) {
        CARIOSAN_TRY(json::object page, backend.call("message.list", messages_));
        json::array& messages = page.at("messages").as_array();
        done_ = messages.empty() || !page.at("has_more").as_bool();
        if (!messages.empty()) messages_["after"] = messages.front().at("id");
        for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
            append_export_line(lines, "message", std::move(message->as_object()));
        }
        return Done{};
    }

    json::string id_;
    json::object channel_;
    ExportPages members_;
    json::object messages_;
    bool began_ = false;
    bool done_ = false;
};

class WorkspaceExporter final : public Exporter {
  public:
    WorkspaceExporter(Gateway& gateway, WorkspaceId workspace) : backend_(gateway, workspace) {}

    Result<std::optional<std::string>> next() override {
        std::string lines;
        while (lines.empty()) {
            if (!began_) {
                CARIOSAN_TRY(json::object workspace, backend_.call("workspace.get", {}));
                append_export_line(lines, "workspace", std::move(workspace));
                began_ = true;
            } else if (!users_.done()) {
                CARIOSAN_TRY(json::array users, users_.next(backend_));
                for (json::value& user : users) append_export_line(lines, "user", std::move(user.as_object()));
            } else if (!waiting_.empty()) {
                CARIOSAN_TRY(lines, waiting_.front().next(backend_));
                if (waiting_.front().done()) waiting_.pop_front();
            } else if (!channels_.done()) {
                CARIOSAN_TRY(json::array channels, channels_.next(backend_));
                for (json::value& channel : channels) waiting_.emplace_back(std::move(channel.as_object()));
            } else {
                return std::optional<std::string>();
            }
        }
        return std::optional(std::move(lines));
    }

  private:
    ExportBackend backend_;
    bool began_ = false;
    ExportPages users_{"user.list", "users", {{"limit", kExportPage}}};
    ExportPages channels_{"channel.list", "channels", {{"limit", kExportPage}}};
    std::deque<ChannelExport> waiting_;  // at most one page
};

class UserExporter final : public Exporter {
  public:
    UserExporter(Gateway& gateway, WorkspaceId workspace, const std::string& user)
        : backend_(gateway, workspace), records_("user.export", "records", {{"user", user}}) {}

    Result<std::optional<std::string>> next() override {
        std::string lines;
        while (lines.empty()) {
            if (records_.done()) return std::optional<std::string>();
            CARIOSAN_TRY(const json::array records, records_.next(backend_));
            for (const json::value& record : records) lines.append(json::serialize(record)) += '\n';
        }
        return std::optional(std::move(lines));
    }

  private:
    ExportBackend backend_;
    ExportPages records_;
};

}  // namespace

std::unique_ptr<Exporter> export_workspace(Gateway& gateway, WorkspaceId workspace) {
    return std::make_unique<WorkspaceExporter>(gateway, workspace);
}

std::unique_ptr<Exporter> export_user(Gateway& gateway, WorkspaceId workspace, std::string user) {
    return std::make_unique<UserExporter>(gateway, workspace, user);
}

}  // namespace cariosan
