// The lines of an export.
#include "protocol/json/json_objects.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

/// One overload per kind of record; the member `kind` comes first.
class RecordWriter {
  public:
    explicit RecordWriter(std::string& out) : out_(out) {}

    void operator()(const User& user) {
        with_kind("user", [&] { append_user_to_backend(out_, user); });
    }
    /// The way its author sees it, since the export is the author's.
    void operator()(const Message& message) {
        with_kind("message", [&] { append_message(out_, message, {.own = true, .personal = true}); });
    }
    void operator()(const UserMembership& membership) {
        write_object(out_, [&](ObjectWriter& object) {
            object.string("kind", "membership");
            object.id("channel_id", membership.channel_id);
            object.string_or_null("channel_external_id", membership.channel_external_id);
            object.string("role", to_string(membership.role));
            write_preferences(object, membership.preferences);
            object.boolean("left", membership.left);
            object.time("joined_at", membership.joined_at);
            append_receipt(object.key("receipt"), membership.receipt);
        });
    }
    void operator()(const Block& block) {
        with_kind("block", [&] { append_block(out_, block); });
    }
    void operator()(const ModerationRecord& record) {
        with_kind("moderation", [&] { append_moderation_record(out_, record); });
    }
    void operator()(const Silence& silence) {
        with_kind("mute", [&] { append_silence(out_, silence); });
    }
    void operator()(const Report& report) {
        with_kind("report", [&] { append_report(out_, report); });
    }
    void operator()(const Device& device) {
        with_kind("device", [&] { append_device(out_, device); });
    }
    void operator()(const UserReaction& reaction) {
        write_object(out_, [&](ObjectWriter& object) {
            object.string("kind", "reaction");
            object.id("channel_id", reaction.channel_id);
            object.id("message_id", reaction.message_id);
            object.string("emoji", reaction.emoji);
        });
    }
    void operator()(const UserMention& mention) {
        write_object(out_, [&](ObjectWriter& object) {
            object.string("kind", "mention");
            object.id("channel_id", mention.channel_id);
            object.id("message_id", mention.message_id);
        });
    }

  private:
    template <class F>
    void with_kind(std::string_view kind, F&& append) {
        const std::size_t begin = out_.size();
        append();
        out_.replace(begin, 1, R"({"kind":")" + std::string(kind) + R"(",)");
    }

    std::string& out_;
};

}  // namespace

void append_user_record(std::string& out, const UserRecord& record) { std::visit(RecordWriter(out), record); }

}  // namespace cariosan::protocol
