// What moderation found, and what users report.
#include "protocol/json/json_objects.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {

void append_moderation_record(std::string& out, const ModerationRecord& record) {
    write_object(out, [&](ObjectWriter& object) {
        object.id("id", record.id);
        object.time("at", record.at);
        object.string("rule", to_string(record.rule));
        object.string("action", to_string(record.action));
        object.id("channel_id", record.channel_id);
        object.string_or_null("channel_external_id", record.channel_external_id);
        object.id("user_id", record.user.id);
        if (record.message_id) object.id("message_id", *record.message_id);
        object.string("excerpt", record.excerpt);
    });
}

void append_verdict(std::string& out, const TextVerdict& verdict) {
    const auto write_word = [](ObjectWriter& object, std::string_view name, const auto& word) {
        if (word) {
            object.string(name, to_string(*word));
        } else {
            object.null(name);
        }
    };
    write_object(out, [&](ObjectWriter& object) {
        write_word(object, "action", verdict.action);
        write_word(object, "rule", verdict.rule);
        object.string_or_null("content", verdict.content);
        write_array(object.key("matches"), verdict.matches, [](std::string& item, const TextVerdict::Match& match) {
            write_object(item, [&](ObjectWriter& each) {
                each.string("rule", to_string(match.rule));
                each.string("action", to_string(match.action));
                each.string("excerpt", match.excerpt);
            });
        });
    });
}

void append_report(std::string& out, const Report& report) {
    write_object(out, [&](ObjectWriter& object) {
        object.id("id", report.id);
        object.time("at", report.at);
        append_user_summary(object.key("reporter"), report.reporter);
        if (report.channel_id) {
            object.id("channel_id", *report.channel_id);
            object.string_or_null("channel_external_id", report.channel_external_id);
        }
        if (report.message_id) object.id("message_id", *report.message_id);
        if (report.message) append_message(object.key("message"), *report.message, {});
        append_user_summary(object.key("user"), report.user);
        object.string("reason", report.reason);
        object.string_or_null("note", report.moderator_note ? report.moderator_note : report.reporter_note);
        object.string_or_null("reporter_note", report.reporter_note);
        object.string("status", to_string(report.status));
    });
}

}  // namespace cariosan::protocol
