// Every text that a command takes from outside, against one table of texts: lookalikes, invisible ones and impossible ones.
// What is allowed depends on what the field is used for.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "unit/core/stage.hpp"
#include "unit/fake_attachments.hpp"

using namespace cariosan;
using namespace std::string_literals;
using test::is_invalid;
using test::Stage;

namespace {

struct Suspicious {
    const char* what;
    std::string text;
};

const std::vector<Suspicious>& suspicious() {
    static const std::vector<Suspicious> kTexts = {
        {"blank", " \xE3\x85\xA4\xE2\xA0\x80\xE2\x80\x8B"s}, {"blank", "\xE2\x81\xA5\xF3\xA0\x87\xB0\xF0\x93\x91\x81"s}, {"override", "a\xE2\x80\xAE" "b"s}, {"isolate", "a\xE2\x81\xA6" "b"s},
        {"newline", "a\nb"s}, {"separator", "a\xE2\x80\xA8" "b"s}, {"escape", "a\x1B[31mb"s}, {"control", "a\xC2\x85" "b"s},
        {"nul", "a\0b"s}, {"not UTF-8", "a\xFF"s}, {"surrogate", "a\xED\xA0\x80"s}, {"dot", "."s}, {"dots", ".."s}};
    return kTexts;
}

/// A field, and which texts of the table it refuses.
struct Field {
    const char* name;
    std::function<Result<core::Plan>(Stage&, const std::string&)> use;
    std::vector<std::string> refused;
};

/// Never allowed in anything stored.
const std::vector<std::string> kBroken = {"nul", "not UTF-8", "surrogate"};
/// Cannot be shown on a line next to other text.
const std::vector<std::string> kNotALine = {"override", "isolate", "newline", "separator", "escape", "control"};

std::vector<std::string> all_of(std::vector<std::string> left, const std::vector<std::string>& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

struct UploadingText : Stage {
    test::FakeAttachments store;
    UploadingText() { attachments = &store; }
};

std::vector<Field> fields() {
    const auto line = all_of(kBroken, kNotALine);
    const auto shown_line = all_of(line, {"blank"});
    const auto term = all_of(kBroken, {"newline", "escape", "control", "blank"});
    const auto new_identifier = all_of(term, {"dot", "dots"});
    const auto key = all_of(kBroken, {"blank"});
    return {
        // Names are shown next to other text and in notifications.
        {"name of a user",
         [](Stage& s, const std::string& t) {
             return s.plan(UpsertUser{.external_id = "new", .name = t}, s.backend());
         },
         shown_line},
        {"name of a user, changed",
         [](Stage& s, const std::string& t) {
             return s.plan(UpdateUser{.user = "budi", .name = t}, s.backend());
         },
         shown_line},
        {"name of a workspace",
         [](Stage& s, const std::string& t) { return s.plan(CreateWorkspace{.name = t}, Caller::host()); },
         shown_line},
        {"name of a workspace, changed",
         [](Stage& s, const std::string& t) { return s.plan(UpdateWorkspace{.name = t}, s.backend()); },
         shown_line},
        {"filename",
         [](Stage& s, const std::string& t) {
             return s.plan(PresignUpload{.filename = t, .content_type = "image/png", .size_bytes = 1}, s.as(s.alice));
         },
         shown_line},
        // A group may have no name.
        {"name of a group",
         [](Stage& s, const std::string& t) {
             return s.plan(CreateChannel{.external_id = "g", .name = t, .member_external_ids = {"alice"}}, s.backend());
         },
         line},
        {"name of a group, changed",
         [](Stage& s, const std::string& t) {
             return s.plan(UpdateChannel{.channel = "orders", .name = t}, s.as(s.alice));
         },
         line},
        {"reason of a silence",
         [](Stage& s, const std::string& t) {
             return s.plan(SilenceUser{.user = "budi", .reason = t}, s.backend());
         },
         line},
        // Clients use identifiers in paths.
        {"external_id of a user",
         [](Stage& s, const std::string& t) {
             return s.plan(UpsertUser{.external_id = t, .name = "x"}, s.backend());
         },
         new_identifier},
        {"external_id of a group",
         [](Stage& s, const std::string& t) {
             return s.plan(CreateChannel{.external_id = t, .member_external_ids = {"alice"}}, s.backend());
         },
         new_identifier},
        // Content is for reading, with line breaks and all directions.
        {"content",
         [](Stage& s, const std::string& t) {
             return s.plan(SendMessage{.channel = "orders", .content = t}, s.as(s.alice));
         },
         key},
        {"text of an import",
         [](Stage& s, const std::string& t) {
             return s.plan(ImportMessage{.channel = "orders", .user = "alice", .text = t, .at = {1}, .idempotency_key = "k"}, s.backend());
         },
         key},
        // Compared, never shown. But a key or query that shows nothing was left empty by mistake.
        {"idempotency_key",
         [](Stage& s, const std::string& t) {
             return s.plan(SendMessage{.channel = "orders", .content = "x", .idempotency_key = t}, s.as(s.alice));
         },
         key},
        {"idempotency_key of an import",
         [](Stage& s, const std::string& t) {
             return s.plan(ImportMessage{.channel = "orders", .user = "alice", .text = "x", .at = {1}, .idempotency_key = t}, s.backend());
         },
         key},
        {"parent_key of an import",
         [](Stage& s, const std::string& t) {
             return s.plan(ImportMessage{.channel = "orders", .user = "alice", .text = "x", .at = {1}, .idempotency_key = "k", .parent_key = t},
                           s.backend());
         },
         key},
        {"q", [](Stage& s, const std::string& t) { return s.plan(SearchMessages{.q = t}, s.as(s.alice)); },
         key},
        // A term is matched with what people write, one line at a time.
        {"term of the blocklist",
         [](Stage& s, const std::string& t) {
             return s.plan(UpdateWorkspace{.moderation = ModerationPatch{.blocklist = std::vector{t}}}, s.backend());
         },
         term},
        {"term of the allowlist",
         [](Stage& s, const std::string& t) {
             return s.plan(UpdateWorkspace{.moderation = ModerationPatch{.allowlist = std::vector{t}}}, s.backend());
         },
         term},
    };
}

/// Fields with a narrow format, which no text of the table has.
std::vector<Field> narrow_fields() {
    return {
        {"avatar_url of a user", [](Stage& s, const std::string& t) {
             return s.plan(UpsertUser{.external_id = "new", .name = "x", .avatar_url = t}, s.backend()); }, {}},
        {"avatar_url of a group", [](Stage& s, const std::string& t) {
             return s.plan(UpdateChannel{.channel = "orders", .avatar_url = std::optional(t)}, s.as(s.alice)); }, {}},
        {"url of a webhook", [](Stage& s, const std::string& t) { return s.plan(CreateWebhook{.url = t, .events = {"*"}}, s.backend()); }, {}},
        {"event of a webhook", [](Stage& s, const std::string& t) {
             return s.plan(CreateWebhook{.url = "https://a", .events = {t}}, s.backend()); }, {}},
        {"content_type", [](Stage& s, const std::string& t) {
             return s.plan(PresignUpload{.filename = "a", .content_type = t, .size_bytes = 1}, s.as(s.alice)); }, {}},
        {"attachment_url", [](Stage& s, const std::string& t) {
             return s.plan(SendMessage{.channel = "orders", .content = "x", .attachment_url = t}, s.as(s.alice)); }, {}},
        {"parent_id", [](Stage& s, const std::string& t) {
             return s.plan(SendMessage{.channel = "orders", .content = "x", .parent_id = t}, s.as(s.alice)); }, {}},
        {"emoji", [](Stage& s, const std::string& t) {
             return s.plan(AddReaction{.channel = "orders", .message_id = s.world.next_id().to_string(), .emoji = t}, s.as(s.alice)); }, {}},
        {"token of a device", [](Stage& s, const std::string& t) { return s.plan(RegisterDevice{.token = t + " "}, s.as(s.alice)); }, {}},
        {"before", [](Stage& s, const std::string& t) { return s.plan(ListMessages{.channel = "orders", .before = t}, s.as(s.alice)); }, {}},
        {"cursor", [](Stage& s, const std::string& t) { return s.plan(ListMyChannels{.range = {.cursor = t}}, s.as(s.alice)); }, {}},
        {"channel", [](Stage& s, const std::string& t) { return s.plan(GetChannel{.channel = t}, s.backend()); }, {}},
        {"user", [](Stage& s, const std::string& t) { return s.plan(GetUser{.user = t}, s.backend()); }, {}},
        {"api_key", [](Stage& s, const std::string& t) { return s.plan(VerifyApiKey{.api_key = t, .api_secret = t}, Caller::host()); }, {}},
    };
}

}  // namespace

TEST_CASE("every text from outside is checked according to its use") {
    for (const Field& field : fields()) {
        for (const Suspicious& each : suspicious()) {
            CAPTURE(field.name);
            CAPTURE(each.what);
            UploadingText stage;
            const bool refused = std::ranges::find(field.refused, each.what) != field.refused.end();
            CHECK(field.use(stage, each.text).ok() == !refused);
            CHECK(field.use(stage, "Budi \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D\xE2\x80\x8F \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB").ok());
        }
    }
}

TEST_CASE("a field with a narrow format accepts nothing else") {
    for (const Field& field : narrow_fields()) {
        for (const Suspicious& each : suspicious()) {
            CAPTURE(field.name);
            CAPTURE(each.what);
            UploadingText stage;
            CHECK_FALSE(field.use(stage, each.text).ok());
        }
    }
}

TEST_CASE("texts stored by earlier versions stay readable and can be named") {
    Stage stage;
    stage.world.add_user(stage.shop, ".");
    CHECK(stage.answer(GetUser{.user = "."}, stage.backend()).external_id == ".");
    CHECK(stage.plan(AddMembers{.channel = "orders", .external_ids = {"."}}, stage.backend()).ok());
}

namespace {

/// Texts that show nothing, whatever they consist of.
const std::vector<std::string> kBlankTexts = {"", " ", "\xE3\x85\xA4", "\xE2\xA0\x80", "\xE2\x80\x8B\xE2\x80\x8D", "\xE2\x81\xA5",
                                         "\xEF\xBF\xB0", "\xF3\xA0\x87\xB0", "\xF3\xA0\xBF\xBF", "\xF0\x93\x91\x81\xF0\x93\x91\x82"};

}  // namespace

TEST_CASE("an optional text that shows nothing is stored as absent") {
    for (const std::string& blank : kBlankTexts) {
        CAPTURE(blank);
        UploadingText stage;
        const auto admin = stage.as(stage.alice);
        const std::string file = test::FakeAttachments::folder(stage.shop) + "a";
        const Message message = stage.world.add_message(stage.orders, stage.alice, "x");
        const CreateChannel made{.external_id = "g", .name = blank, .member_external_ids = {"alice"}};
        CHECK(stage.mutation<mutation::CreateChannel>(made, stage.backend()).name.empty());
        const UpdateChannel renamed{.channel = "orders", .name = blank};
        CHECK(stage.mutation<mutation::UpdateChannel>(renamed, admin).name == "");
        CHECK(stage.mutation<mutation::UpdateChannel>(renamed, stage.backend()).name == "");
        const SilenceUser silence{.user = "budi", .reason = blank};
        CHECK_FALSE(stage.mutation<mutation::SilenceUser>(silence, stage.backend()).reason);
        const SendMessage sent{.channel = "orders", .content = blank, .attachment_url = file};
        CHECK(stage.mutation<mutation::SendMessage>(sent, admin).content.empty());
        const EditMessage edited{.channel = "orders", .message_id = message.id.to_string(), .content = blank};
        CHECK(stage.mutation<mutation::EditMessage>(edited, admin).content.empty());
    }
}
